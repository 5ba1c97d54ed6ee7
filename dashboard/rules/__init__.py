"""What is true: pure functions of facts and a time. Standard library only; no clock, no input or output."""

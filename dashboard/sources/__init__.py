"""What comes in: other people's servers, asked and read with suspicion. No database."""

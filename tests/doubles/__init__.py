"""Other people's servers, real ones on the loopback that misbehave on command."""

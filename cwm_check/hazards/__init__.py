"""What a change can break beside results: mistakes, lost promises, repeated effects, lines that nothing reaches."""

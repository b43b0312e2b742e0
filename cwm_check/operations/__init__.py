"""A statement as its single operations, and what follows from the texts of their values alone."""

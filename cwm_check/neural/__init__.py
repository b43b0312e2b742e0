"""What a world model predicts: steps and answers of a run, and whether two versions come to the same."""

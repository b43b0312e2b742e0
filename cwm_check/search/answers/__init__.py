"""Answers to the sandbox's questions, by what is asked for; each is a function of one `World`."""

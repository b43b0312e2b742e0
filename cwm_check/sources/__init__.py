"""Sources: what git, patches and files say becomes texts before and after. `git.py` is the way in."""

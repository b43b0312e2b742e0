"""Normal forms: functions with the same normal form behave alike. Standard library `ast` only; `equivalence.py` is
the way in.
"""

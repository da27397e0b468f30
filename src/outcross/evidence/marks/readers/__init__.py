"""The kinds of marks, one a file: each has a ``KIND``."""

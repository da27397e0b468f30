"""Data policies: which records the next model is trained on. One policy a file; the folder is the register."""

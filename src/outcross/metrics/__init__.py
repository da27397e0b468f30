"""Metrics: how far a generation has moved from the human data. One metric a file; the folder is the register."""

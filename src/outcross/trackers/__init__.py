"""Experiment trackers that a history can be sent to: one a file."""

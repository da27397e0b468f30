"""Detectors: how a synthetic document is told from a human one. One detector a file; the folder is the register."""

"""Engines: who does the work. One engine a file; the folder is the register."""

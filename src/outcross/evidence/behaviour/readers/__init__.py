"""Readers of logs, one format a file; each bears its `Format` as ``FORMAT``, and the folder is the register."""

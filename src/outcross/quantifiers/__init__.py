"""Quantifiers: what share of many documents is synthetic. One quantifier a file; the folder is the register."""

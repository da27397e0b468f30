"""Evidence: is this document synthetic, how much of this corpus is, and how was this text typed?"""

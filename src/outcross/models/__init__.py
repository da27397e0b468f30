"""Generative models that chains run over. One model a file; the folder is the register."""

"""What is kept of a corpus so that it need not be read again: sketches that merge."""

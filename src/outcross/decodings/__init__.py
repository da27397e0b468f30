"""How a language model writes: one way a file."""

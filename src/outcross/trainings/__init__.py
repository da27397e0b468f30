"""How a neural network is trained: one way a file."""

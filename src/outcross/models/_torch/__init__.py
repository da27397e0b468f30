"""The networks. Everything here imports PyTorch, and is itself imported inside functions only."""

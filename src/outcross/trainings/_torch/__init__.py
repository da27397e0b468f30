"""The loop that trains. Everything here imports PyTorch, and is itself imported inside functions only."""

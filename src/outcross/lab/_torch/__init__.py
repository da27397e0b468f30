"""What of the lab takes PyTorch. Everything here imports it, and is itself imported inside functions only."""

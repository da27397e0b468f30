"""outcross keeps generative models from collapsing on their own output."""

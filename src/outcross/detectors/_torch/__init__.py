"""What watermarks and stored networks need. Everything here is imported inside functions only."""

"""Two snapshots of a corpus, compared: what has changed, how surely, and whether that passes a gate."""

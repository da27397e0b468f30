"""The nouns. Nothing here imports the shelves, the rooms or the command line."""

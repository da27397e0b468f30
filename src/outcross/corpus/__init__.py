"""Reading human data: files, built-in data, known populations."""

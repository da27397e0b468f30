"""What a history looks like to people: the page, and charts for papers and slides."""

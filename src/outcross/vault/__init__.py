"""The vault: every record, who wrote it, and proof."""

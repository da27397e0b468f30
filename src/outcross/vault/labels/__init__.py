"""Labels: what others' tools read of who wrote a record, and of what a data set is."""

"""The check-up of a corpus: what is synthetic, what is lost, how long it can go on, what to train on instead."""

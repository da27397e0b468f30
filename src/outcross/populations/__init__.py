"""Known true distributions, for experiments with closed forms. One a file; the folder is the register."""

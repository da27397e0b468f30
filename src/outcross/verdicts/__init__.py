"""Published definitions of model collapse, each judged with its evidence. One a file; the folder is the register."""

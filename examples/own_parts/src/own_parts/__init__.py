"""Parts for outcross: a policy (`window`), a metric (`extreme`) and a model (`laplace`)."""

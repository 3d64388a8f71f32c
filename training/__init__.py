"""The training of the learned reader: ``python -m training``."""

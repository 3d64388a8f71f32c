"""What the service costs, each figure beside a named baseline: ``python3 qa.py bench``."""

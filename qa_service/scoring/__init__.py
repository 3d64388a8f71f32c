"""From findings to marks."""

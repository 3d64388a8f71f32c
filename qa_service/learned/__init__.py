"""The second reader: what no pattern names is recognised by what was learned from the labelled corpus."""

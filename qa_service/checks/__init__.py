"""What is said of a call: one module per kind of verdict, none knowing another."""

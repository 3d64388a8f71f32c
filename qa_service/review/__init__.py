"""Which judged calls a person must look at, why, and how soon."""

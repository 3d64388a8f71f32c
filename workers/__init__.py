"""The processes that do the work: workers, dispatcher, clock, and the embedded parts that demo and serve start."""

"""Parts for tests and measurements: a scripted speech model, sounds, and the examples inside the lexicons."""

"""Killing the service on purpose: a seeded schedule of kill -9, and a checker that reads only the database."""

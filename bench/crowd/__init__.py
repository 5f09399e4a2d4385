"""`make load`: thousands of signed-in people at once over a large world, with a person's pauses; prints a table."""

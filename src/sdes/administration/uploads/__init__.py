"""A file of people and assignments: what its rows say, what they come to, and what is wrong with them. Pure."""

"""Measurements of the running application (`make bench`): speed beside its own limit, and memory; prints a table."""

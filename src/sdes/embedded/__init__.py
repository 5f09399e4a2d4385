"""What `make run` and the tests start on a machine without servers of its own: PostgreSQL, clamd, their supervisor."""

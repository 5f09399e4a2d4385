"""The database as a whole: its migrations, its row-level security, and the world that tests and demo share."""

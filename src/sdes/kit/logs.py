"""Logs: one line an event on standard error, with its time; no words of users, no search terms, no personal data."""

import logging


def begin() -> None:
    """Sets up the lines of this process. What has set up its own before, keeps it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("saq").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)

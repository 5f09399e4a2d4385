"""Writes of communications: each checks, changes, and leaves one line in the audit log."""

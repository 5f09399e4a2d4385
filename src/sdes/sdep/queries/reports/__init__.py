"""Reads for reports, one file a report. All are of the actor's whole company, and of what was deleted too."""

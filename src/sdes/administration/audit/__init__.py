"""The audit log of administration as people read it: its words and its filters. Pure."""

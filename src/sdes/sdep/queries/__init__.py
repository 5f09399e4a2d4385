"""Reads of communications: lists, one communication, drafts. The actor comes first, always."""

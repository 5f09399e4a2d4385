"""The one error of the embedded parts whose text is meant for the person at the terminal."""


class CannotStart(Exception):
    """A part cannot be started on this machine; the text says why and what to do, in plain sentences."""

"""Percents as reports tell them: to the nearest whole number, and 100 only of all."""


def percent(part: int, whole: int) -> int:
    """`part` of `whole`, rounded; 100 says that none is missing, 0 that there is none. Of nothing it is 0."""
    if not 0 < part < whole:
        return 100 if 0 < whole <= part else 0
    return min(max((200 * part + whole) // (2 * whole), 1), 99)

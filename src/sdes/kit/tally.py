"""Tallies: how often something happened in this process and how long it took, until whoever keeps them takes them."""

_counted: dict[str, tuple[int, float]] = {}


def count(name: str, seconds: float = 0.0) -> None:
    """Once more `name` (what.outcome), which took `seconds`."""
    number, so_far = _counted.get(name, (0, 0.0))
    _counted[name] = (number + 1, so_far + seconds)


def take() -> dict[str, tuple[int, float]]:
    """What has been counted since it was taken last: number and seconds by name."""
    taken = dict(_counted)
    _counted.clear()
    return taken


def give_back(taken: dict[str, tuple[int, float]]) -> None:
    """What could not be kept is counted still."""
    for name, (number, seconds) in taken.items():
        so_far = _counted.get(name, (0, 0.0))
        _counted[name] = (so_far[0] + number, so_far[1] + seconds)

"""Charts without the database: where the columns of a picture stand. Each is drawn beside a table of its figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

WIDTH, HEIGHT, LEFT, FOOT, HEAD = 960, 200, 56, 24, 10
NARROW = 340  # the width of the same picture on a phone
LABEL = 84  # how wide a label and the room beside it are


@dataclass(frozen=True)
class Bar:
    """A column of the picture: `series` 1 or 2."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Mark:
    """A word or number at the edge of the picture."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Point:
    """The figures of one day, or of one week beginning on `day`."""

    day: date
    first: int
    second: int


@dataclass(frozen=True)
class Chart:
    """Two series over time. `title` says what the picture shows, for those who do not see it. `narrow` is the same for
    a phone: all of its columns, fewer labels."""

    title: str
    names: tuple[str, str]
    unit: str  # what a point is: Day, Week from, Month
    points: list[Point]
    bars: list[Bar]
    lines: list[Mark]  # of the scale: y and its number
    labels: list[Mark]
    width: int = WIDTH
    narrow: "Chart | None" = None

    height = HEIGHT


def chart(title: str, names: tuple[str, str], unit: str, points: Sequence[Point]) -> Chart:
    """The picture of these points, in their order, from left to right."""
    narrow = _drawn(title, names, unit, points, NARROW)
    return replace(_drawn(title, names, unit, points, WIDTH), narrow=narrow)


def _drawn(title: str, names: tuple[str, str], unit: str, points: Sequence[Point], width: int) -> Chart:
    top = _top(max((max(point.first, point.second) for point in points), default=0))
    room, inner = (width - LEFT) / max(len(points), 1), HEIGHT - FOOT - HEAD
    bars = []
    for place, point in enumerate(points):
        for series, value in ((1, point.first), (2, point.second)):
            tall = inner * value / top
            x = LEFT + room * (place + 0.12) + (series - 1) * room * 0.39
            bars.append(Bar(series, round(x, 2), round(HEIGHT - FOOT - tall, 2), round(room * 0.37, 2), round(tall, 2)))
    lines = [Mark(LEFT, round(HEIGHT - FOOT - inner * part / 2, 2), f"{top * part // 2:,}") for part in range(3)]
    step = -(-len(points) // ((width - LEFT) // LABEL)) if points else 1
    labels = [
        Mark(round(LEFT + room * (place + 0.5), 2), HEIGHT - 6, _label(point.day, unit))
        for place, point in enumerate(points)
        if place % step == 0
    ]
    return Chart(title, names, unit, list(points), bars, lines, labels, width)


def every_day(found: Sequence[tuple[date, int, int]], first: date, last: date, step: int = 1) -> list[Point]:
    """A point for each day, or each `step` days from `first`: those of which nothing was found are zero."""
    known = {day: (one, two) for day, one, two in found}
    days = [first + timedelta(days=step * place) for place in range((last - first).days // step + 1)]
    return [Point(day, *known.get(day, (0, 0))) for day in days]


def _top(most: int) -> int:
    """The end of the scale: even, and round enough to be read."""
    size = 2
    while size < most:
        for factor in (2, 2.5, 2):
            size = int(size * factor)
            if size >= most:
                break
    return size


def _label(day: date, unit: str) -> str:
    return f"{day:%b %Y}" if unit == "Month" else f"{day.day} {day:%b}"

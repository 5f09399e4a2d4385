"""Percents: rounded, never to all or to nothing."""

import pytest

from sdes.sdep.reports.percent import percent


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(0, 0, 0), (0, 3, 0), (1, 3, 33), (2, 3, 67), (1, 8, 13), (3, 3, 100), (1, 1_000, 1), (999, 1_000, 99)],
)
def test_a_percent_is_rounded_and_100_is_all(part: int, whole: int, told: int) -> None:
    assert percent(part, whole) == told

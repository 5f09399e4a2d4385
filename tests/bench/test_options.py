"""What may be chosen of a load: what could not be measured is refused before anything is built."""

import pytest

from bench.crowd.acts import SHARES
from bench.crowd.options import read


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--only", "juggle"], "invalid choice: 'juggle'"),
        (["--sessions", "0"], "must be 1 or more"),
        (["--people", "0"], "must be 1 or more"),
        (["--communications", "-5"], "must be 1 or more"),
        (["--think", "0"], "must be 1 or more"),
        (["--think", "nan"], "must be 1 or more"),
        (["--sessions", "many"], "invalid number value: 'many'"),
    ],
)
def test_what_cannot_be_measured_is_refused(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read(SHARES, words)
    assert told in capsys.readouterr().err


def test_an_act_alone_and_small_numbers_may_be_chosen() -> None:
    chosen = read(SHARES, ["--only", "send", "--sessions", "1", "--communications", "1", "--think", "1"])
    assert (chosen.only, chosen.sessions, chosen.communications, chosen.think) == (("send",), 1, 1, 1.0)

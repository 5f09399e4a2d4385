"""The demo people's password: made once, kept private, and the same at every start."""

from pathlib import Path

from sdes.embedded.demo_password import record, recorded


def test_a_random_one_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    assert recorded(tmp_path) is None
    password = record(tmp_path / "home", None)
    assert recorded(tmp_path / "home") == record(tmp_path / "home", None) == password
    assert (tmp_path / "home" / "demo-password").stat().st_mode & 0o777 == 0o600


def test_random_ones_differ_and_hold_every_kind_of_character(tmp_path: Path) -> None:
    passwords = {record(tmp_path / str(number), None) for number in range(50)}
    assert len(passwords) == 50
    for password in passwords:
        assert len(password) == 19
        assert any(c.isupper() for c in password)
        assert any(c.islower() for c in password)
        assert any(c.isdigit() for c in password)


def test_the_wished_one_counts_at_the_first_start_only(tmp_path: Path) -> None:
    assert record(tmp_path, "first-wish") == "first-wish"
    assert record(tmp_path, "second-wish") == "first-wish"

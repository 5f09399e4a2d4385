"""The default process types are whole, and the rules answer by them."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sdes.catalogue.load import DefaultProcess, default_processes
from sdes.catalogue.roles import MarketRole
from sdes.catalogue.rules import NEVER_ESCALATED, may_escalate_kind, may_send, recipient_roles, sendable
from sdes.catalogue.tables import DataItem, ProcessLevel, ProcessType
from sdes.catalogue.views import LevelView, ProcessTypeView
from sdes.kit import clock

TODAY = date(2026, 11, 5)


def view(process: DefaultProcess, **changes: Any) -> ProcessTypeView:
    told: dict[str, Any] = {
        "id": process.position,
        "code": process.code,
        "title": process.title,
        "contact_type": process.contact_type,
        "fuel": process.fuel,
        "effective_from": process.effective_from,
        "effective_to": None,
        "levels": tuple(process.levels),
        "routes": tuple(process.routes),
        "items": tuple(process.items),
    }
    return ProcessTypeView(**(told | changes))


ALL = [view(process) for process in default_processes()]
BY_CODE = {process.code: process for process in ALL}


def test_every_process_is_there_once() -> None:
    assert len(ALL) == 40
    assert max(Counter(process.code for process in ALL).values()) == 1
    assert max(Counter(process.full_title for process in ALL).values()) == 1
    assert Counter(process.fuel.value for process in ALL) == {"E": 21, "G": 18, "D": 1}


@pytest.mark.parametrize("process", ALL, ids=lambda process: process.code)
def test_each_is_whole(process: ProcessTypeView) -> None:
    assert [level.number for level in process.levels] == list(range(1, process.max_level + 1))
    assert process.routes
    keys = [item.key for item in process.items]
    assert len(set(keys)) == len(keys)
    assert {"E": "mpan" in keys, "G": "mprn" in keys, "D": "mpan" in keys}[process.fuel]
    assert all(bool(item.choices) == (item.kind.value == "choice") for item in process.items)
    fits = {"E": {"X", "R"}, "G": {"G"}, "D": {"X", "G", "R"}}[process.fuel]
    assert {route.from_role.value for route in process.routes} <= fits
    lengths = [(process, ProcessType), *((level, ProcessLevel) for level in process.levels)]
    for record, table in [*lengths, *((item, DataItem) for item in process.items)]:
        for column in table._meta.columns:
            limit = getattr(column, "length", None)
            assert limit is None or len(str(getattr(record, column._meta.name, ""))) <= limit, column


def test_titles_and_response_times() -> None:
    assert BY_CODE["PT0033"].full_title == "Disputed Meter Readings - Escalation (Gas)"
    assert BY_CODE["PT0129"].full_title == "Contract Manager Queries - General Query (Dual fuel)"
    assert [BY_CODE["PT0102"].response_text(n) for n in (1, 2, 3)] == [f"{n} working days" for n in (5, 3, 2)]
    assert BY_CODE["PT0113"].response_text() == "3 operational hours"
    assert BY_CODE["PT0121"].response_text() == "1 working day"
    with pytest.raises(LookupError, match="PT0113 has no level 3"):
        BY_CODE["PT0113"].level(3)


def test_queries_utrn_contacts_and_amendment_requests_are_never_escalated() -> None:
    for process in ALL:
        is_escalation = process.contact_type in {"Escalation", "Exception"}
        assert may_escalate_kind(process) == is_escalation
        assert (process.contact_type in NEVER_ESCALATED) != is_escalation
    another_level = (*BY_CODE["PT0101"].levels, LevelView(2, "More", 1, BY_CODE["PT0101"].levels[0].response_unit))
    query = view(default_processes()[0], levels=another_level)
    assert query.max_level == 2
    assert not may_escalate_kind(query)


@pytest.mark.spec("SD 11.1(c)")
def test_who_may_send_to_whom() -> None:
    amendment, transfer, contract = BY_CODE["PT0134"], BY_CODE["PT0103"], BY_CODE["PT0129"]
    assert may_send(amendment, "X", "R", TODAY)
    assert not may_send(amendment, "R", "X", TODAY)
    assert not may_send(transfer, "X", "X", TODAY)
    assert recipient_roles(transfer, "G", TODAY) == (MarketRole.GAS_SUPPLIER,)
    assert set(recipient_roles(contract, "R", TODAY)) == {"X", "G", "R"}
    assert not recipient_roles(contract, "M", TODAY)
    assert sendable(ALL, {"M"}, TODAY) == []
    assert {process.code for process in sendable(ALL, {"R"}, TODAY)} == {
        "PT0129", "PT0130", "PT0131", "PT0132", "PT0133", "PT0135",
    }  # fmt: skip
    assert sendable(ALL, {"X", "G"}, TODAY) == ALL


def test_a_process_type_is_sent_only_while_in_use() -> None:
    process = view(default_processes()[0], effective_from=date(2026, 11, 1), effective_to=date(2026, 11, 30))
    assert not may_send(process, "X", "X", date(2026, 10, 31))
    assert may_send(process, "X", "X", date(2026, 11, 1))
    assert may_send(process, "X", "X", date(2026, 11, 30))
    assert not may_send(process, "X", "X", date(2026, 12, 1))
    with clock.at(datetime(2026, 11, 30, 23, 59, tzinfo=UTC)):
        assert may_send(process, "X", "X")
    with clock.at(datetime(2026, 12, 1, 0, 0, tzinfo=UTC)):
        assert sendable([process], {"X"}) == []


def test_roles_have_labels() -> None:
    assert MarketRole("G").label == "Gas supplier"
    assert MarketRole("G").display_code == "X"
    assert MarketRole("M").display_code == "M"
    assert [role.fuel for role in MarketRole] == ["E", "G", "E", "E"]

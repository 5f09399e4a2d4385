"""The catalogue in the database: loaded once, never overwritten, read whole."""

import pytest

from sdes.catalogue.load import default_processes, load_defaults
from sdes.catalogue.queries import process_type, process_types
from sdes.catalogue.tables import DataItem, ProcessLevel, ProcessRoute, ProcessType

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_what_is_loaded_is_what_is_read() -> None:
    await load_defaults()
    read = {process.code: process for process in await process_types()}
    for default in default_processes():
        process = read[default.code]
        assert (process.title, process.contact_type, process.fuel) == (
            default.title,
            default.contact_type,
            default.fuel,
        )
        assert process.levels == tuple(default.levels)
        assert process.routes == tuple(default.routes)
        assert process.items == tuple(default.items)
        assert process == await process_type(process.id)
        assert process == await process_type(process.code)


async def test_loading_again_overwrites_and_adds_nothing() -> None:
    await load_defaults()
    gas = await process_type("PT0033")
    assert gas is not None
    await ProcessType.update({ProcessType.title: "Readings in dispute"}).where(ProcessType.code == "PT0033")
    await DataItem.delete().where(DataItem.process_type == gas.id, DataItem.key == "msn")
    counts = [await table.count() for table in (ProcessType, ProcessLevel, ProcessRoute, DataItem)]
    assert await load_defaults() == 0
    assert counts == [await table.count() for table in (ProcessType, ProcessLevel, ProcessRoute, DataItem)]
    again = await process_type("PT0033")
    assert again is not None
    assert again.title == "Readings in dispute"
    assert "msn" not in {item.key for item in again.items}


async def test_a_missing_process_type_is_loaded_whole() -> None:
    await load_defaults()
    await ProcessType.update({ProcessType.code: "PT9999"}).where(ProcessType.code == "PT0104")
    assert await load_defaults() == 1
    loaded = await process_type("PT0104")
    assert loaded is not None
    assert len(loaded.levels) == 3


async def test_what_is_not_there_is_none() -> None:
    assert await process_type("PT0000") is None
    assert await process_type(-1) is None

"""Each entry of the menu leads to a page that opens with the permission that shows the entry."""

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from sdes.navigation import MENU, MenuEntry


@pytest.mark.parametrize("entry", MENU, ids=lambda entry: entry.label)
def test_an_entry_leads_to_a_page_with_its_permission(entry: MenuEntry, app: Litestar) -> None:
    pages = {
        route.path: handler.opt["permission"]
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if "GET" in handler.http_methods
    }
    assert entry.href in pages, f"{entry.label}: no page at {entry.href}: mend the address in navigation.py"
    assert pages[entry.href] == entry.permission, f"{entry.label}: its page asks for {pages[entry.href]}"


def test_labels_addresses_and_keys_are_unique() -> None:
    for words in ([e.label for e in MENU], [e.href for e in MENU], [e.key for e in MENU]):
        assert len(words) == len(set(words)), f"two entries of the menu share one of {words}"

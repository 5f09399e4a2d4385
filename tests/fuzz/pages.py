"""What the pages offer: the fields of each door's form with their values, and the parameters that links carry."""

from collections import defaultdict
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

from tests.fuzz.doors import Door, door_at

Fields = dict[str, list[str]]  # by name, every value that a page has offered


class Offered:
    """What was read from the pages so far, by door."""

    def __init__(self, doors: tuple[Door, ...]) -> None:
        self._doors = doors
        self.fields: dict[Door, Fields] = defaultdict(dict)

    def read(self, html: str, path: str) -> None:
        """Takes in one page, which was at `path`."""
        reader = _Reader(path)
        reader.feed(html)
        for method, target, fields in reader.forms:
            self._take(method, target, fields)

    def _take(self, method: str, target: str, fields: list[tuple[str, str]]) -> None:
        parts = urlsplit(target)
        door = door_at(self._doors, method, parts.path)
        if door is None:
            return
        known = self.fields[door]
        for name, value in (*parse_qsl(parts.query, keep_blank_values=True), *fields):
            values = known.setdefault(name, [])
            if value not in values and len(values) < 30:
                values.append(value)


class _Reader(HTMLParser):
    """Forms with their fields, and links as forms without any."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.forms: list[tuple[str, str, list[tuple[str, str]]]] = []
        self._by_id: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._open: list[tuple[str, str]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words = {name: value or "" for name, value in attrs}
        if tag == "form":
            fields = self._by_id[words["id"]] if "id" in words else []
            self.forms.append((words.get("method", "get").upper(), words.get("action") or self.path, fields))
            self._open = fields
        for verb, attribute in (("GET", "href"), ("GET", "hx-get"), ("POST", "hx-post"), ("POST", "formaction")):
            if words.get(attribute, "").startswith("/"):
                self.forms.append((verb, words[attribute], self._open if tag == "button" else []))
        belongs = self._by_id[words["form"]] if "form" in words else self._open
        if tag in ("input", "button", "textarea", "select") and words.get("name"):
            self._select = words["name"] if tag == "select" else ""
            if tag != "select":
                belongs.append((words["name"], words.get("value", "")))
        elif tag == "option" and self._select:
            belongs.append((self._select, words.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = []
        elif tag == "select":
            self._select = ""

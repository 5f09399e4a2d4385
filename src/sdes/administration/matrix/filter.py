"""What part of the matrix somebody asks for, as the page's address says it: which people, which use cases, how many."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from sdes.administration.matrix.seen import box_value
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView
from sdes.kit.forms import without_control_characters
from sdes.kit.numbers import whole_number

SIZES = (25, 50, 100, 500)  # people on a page
LAST_PAGE = 100_000
LONGEST_WORDS = 100


@dataclass(frozen=True)
class Filter:
    """`words` are looked for in names and addresses, `holds` asks for those assigned to a use case; `title`, `contact`
    and `fuel` narrow the columns. Whatever is no choice is left out."""

    words: str = ""
    holds: UseCase | None = None
    title: str = ""
    contact: str = ""
    fuel: str = ""
    size: int = SIZES[0]
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, Any], size: int) -> "Filter":
        """The filter that an address carries; `size` is how many people that reader's pages show."""
        asked = _number(query.get("size"))
        return cls(
            words=" ".join(without_control_characters(query.get("q", "")).split())[:LONGEST_WORDS],
            holds=_use_case(query.get("holds", "")),
            title=query.get("title", ""),
            contact=query.get("contact", ""),
            fuel=query.get("fuel", ""),
            size=asked if asked in SIZES else size,
            page=min(max(_number(query.get("page")), 1), LAST_PAGE),
        )

    def query(self, **changes: Any) -> str:
        """The part of an address after its path, with what is usual left out; `changes` are fields of the filter."""
        that = replace(self, **changes)
        words = {
            "q": that.words,
            "holds": box_value(that.holds) if that.holds else "",
            "title": that.title,
            "contact": that.contact,
            "fuel": that.fuel,
            "size": that.size,
            "page": that.page if that.page > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in words.items() if value})

    def processes(self, catalogue: list[ProcessTypeView]) -> list[ProcessTypeView]:
        """Those process types whose columns are asked for, in their order."""
        return [
            one
            for one in catalogue
            if self.title in ("", one.title) and self.contact in ("", one.contact_type) and self.fuel in ("", one.fuel)
        ]


def _number(text: str | None) -> int:
    return whole_number(text, 9) or 0


def _use_case(text: str) -> UseCase | None:
    process, _, level = text.partition(".")
    return (_number(process), _number(level)) if _number(process) and 0 < _number(level) < 16 else None

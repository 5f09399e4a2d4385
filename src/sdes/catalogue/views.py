"""What the catalogue's readers are given: a process type whole, with its levels, routes and data items."""

from dataclasses import dataclass
from datetime import date

from sdes.catalogue.roles import MarketRole
from sdes.catalogue.tables import Fuel, ItemKind, ResponseUnit

# What each kind of data item is called where one is chosen.
KINDS = {
    ItemKind.MPAN: "MPAN",
    ItemKind.MPRN: "MPRN",
    ItemKind.MSN: "Meter serial number",
    ItemKind.DATE: "Date",
    ItemKind.CHOICE: "Choice from a list",
    ItemKind.TEXT: "One line of text",
    ItemKind.TEXTAREA: "Several lines of text",
    ItemKind.AMOUNT: "Amount in pounds and pence",
    ItemKind.DIGITS: "Digits",
    ItemKind.PHONE: "UK telephone number",
    ItemKind.EUI64: "Device id (EUI-64)",
    ItemKind.UTRN: "UTRN",
}
FUELS: dict[str, str] = {Fuel.ELECTRICITY: "Electricity", Fuel.GAS: "Gas", Fuel.BOTH: "Dual fuel"}
_UNITS = {
    ResponseUnit.WORKING_DAYS: ("working day", "working days"),
    ResponseUnit.OPERATIONAL_HOURS: ("operational hour", "operational hours"),
}


def process_title(title: str, contact_type: str) -> str:
    """What communications of a process type are headed with, which say their fuel besides."""
    return f"{title} - {contact_type}"


def process_name(title: str, contact_type: str, fuel: str) -> str:
    """The whole name of a process type: by its fuel alone do some differ."""
    return f"{process_title(title, contact_type)} ({FUELS[fuel]})"


@dataclass(frozen=True, slots=True)
class LevelView:
    """One level of a process type; the recipient has `response_amount` Working Days or operational hours."""

    number: int
    name: str
    response_amount: int
    response_unit: ResponseUnit

    @property
    def response_text(self) -> str:
        """The time to respond in words, e.g. "3 operational hours"."""
        one, many = _UNITS[self.response_unit]
        return f"{self.response_amount} {one if self.response_amount == 1 else many}"


@dataclass(frozen=True, slots=True)
class RouteView:
    """From which market role to which a process type may be sent."""

    from_role: MarketRole
    to_role: MarketRole

    @property
    def text(self) -> str:
        """E.g. "electricity supplier to distributor"."""
        return f"{self.from_role.label.lower()} to {self.to_role.label.lower()}"


@dataclass(frozen=True, slots=True)
class ItemView:
    """One bespoke data item that a process type asks for."""

    key: str
    label: str
    hint: str
    kind: ItemKind
    mandatory: bool
    choices: tuple[str, ...] = ()

    @property
    def kind_text(self) -> str:
        """What it holds, in words, e.g. "Meter serial number"."""
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class ProcessTypeView:
    """A process type with all that belongs to it; levels in order of their number, items in their order on the form."""

    id: int
    code: str
    title: str
    contact_type: str
    fuel: Fuel
    effective_from: date
    effective_to: date | None
    levels: tuple[LevelView, ...]
    routes: tuple[RouteView, ...]
    items: tuple[ItemView, ...]
    position: int = 0  # its place in lists

    @property
    def fuel_text(self) -> str:
        """The fuel in words: "Electricity", "Gas" or "Dual fuel"."""
        return FUELS[self.fuel]

    @property
    def full_title(self) -> str:
        """The whole name, e.g. "Erroneous Transfer - Escalation (Electricity)"."""
        return process_name(self.title, self.contact_type, self.fuel)

    @property
    def max_level(self) -> int:
        """The number of the highest level."""
        return max((level.number for level in self.levels), default=1)

    def level(self, number: int) -> LevelView:
        """The level of that number; a number that the process type does not have is a `LookupError`."""
        for level in self.levels:
            if level.number == number:
                return level
        raise LookupError(f"{self.code} has no level {number}")

    def response_text(self, level: int = 1) -> str:
        """The recipient's time to respond at that level in words, e.g. "5 working days"."""
        return self.level(level).response_text

    def state(self, on: date) -> str:
        """`now`, `later` or `ended`, on that day."""
        if self.effective_from > on:
            return "later"
        return "now" if self.is_in_use(on) else "ended"

    def is_in_use(self, on: date) -> bool:
        """Whether it may be sent on that day; a communication already sent goes on whatever the answer."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

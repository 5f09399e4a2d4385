"""What administrators post about people, turned into values or sentences. No database: choices are passed in."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from sdes.accounts.functions import SystemFunction
from sdes.administration.views.people import PersonView
from sdes.catalogue.entries import one_line
from sdes.kit.forms import Form
from sdes.kit.numbers import whole_number

NAME_LIMIT = 120  # characters
ADDRESS_LIMIT = 254
NOTHING_DRAWN = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters by name, of which nothing is seen

# How the audit log names who is no person, or none any more.
_NO_PERSON = re.compile(r"(API\s+key\b|(SDES itself|Deleted person|Somebody not signed in|System)$)", re.IGNORECASE)

# What browsers take for an address, with a dot in the domain: every mail server takes such a one.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?![0-9]+$){_LABEL}")


@dataclass(frozen=True)
class Details:
    """Who somebody is, as typed. `email` keeps its capitals."""

    name: str = ""
    email: str = ""
    is_proxy_address: bool = False

    @classmethod
    def of(cls, person: PersonView) -> "Details":
        return cls(person.name, person.email, person.is_proxy_address)

    @property
    def mark(self) -> str:
        """Tells in a hidden field what the form showed, so that a change made meanwhile is noticed."""
        return mark_of([self.name, self.email, str(self.is_proxy_address)])


def details_from(form: Form) -> tuple[Details, dict[str, str]]:
    """A person's details and what is wrong with them (SD 2.6)."""
    details = Details(clean_name(form.raw("name")), form.raw("email").strip(), form.text("is_proxy_address") == "on")
    problems = {"name": name_problem(details.name), "email": address_problem(details.email)}
    return details, {field: sentence for field, sentence in problems.items() if sentence}


def clean_name(text: str) -> str:
    """A name on one line, without what cannot be seen."""
    return one_line(text)


def name_problem(name: str) -> str:
    """What is wrong with a cleaned name; empty for one that can be kept."""
    if not any(unicodedata.category(c)[0] not in "CMZ" and c not in NOTHING_DRAWN for c in name):
        return "Enter a name"
    if len(name) > NAME_LIMIT:
        return f"Shorten the name to {NAME_LIMIT} characters. It has {len(name)}."
    if _NO_PERSON.match(name):
        return "Enter the person's own name: the audit log says this of others"
    return ""


def address_problem(email: str) -> str:
    """What is wrong with an e-mail address; empty for one that mail could go to."""
    if not email:
        return "Enter an e-mail address"
    if len(email) > ADDRESS_LIMIT:
        return f"Shorten the e-mail address to {ADDRESS_LIMIT} characters. It has {len(email)}."
    if not email.isascii():
        return (
            "Enter an e-mail address of plain letters, digits and signs. A domain in other letters has a form that"
            " begins with xn--"
        )
    local, at, domain = email.rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return "Enter an e-mail address like name@company.example"
    return ""


def functions_from(form: Form) -> tuple[str, ...]:
    """The system functions that are ticked, as they were sent: whether the company may have them is the action's
    question."""
    return tuple(dict.fromkeys(form.all("function")))


def functions_mark(functions: Iterable[str]) -> str:
    """Tells in a hidden field which functions the form showed."""
    return mark_of(one.value for one in SystemFunction if one in set(functions))


def person_id_from(text: str) -> int | None:
    """The person whom a choice names; None for none, and for what is no number that a person could have."""
    return whole_number(text, 9)


def mark_of(words: Iterable[str]) -> str:
    """A mark of what a form showed, short enough for a hidden field."""
    return sha256("\0".join(words).encode()).hexdigest()[:16]

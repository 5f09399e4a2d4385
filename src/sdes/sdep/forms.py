"""What people post to the portal, turned into values or sentences. No database: choices are passed in."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sdes.catalogue.items import validate_all
from sdes.kit.forms import Form, without_control_characters
from sdes.kit.numbers import whole_number
from sdes.sdep.sending import Choices

SUBJECT_LIMIT = 200  # characters
TEXT_LIMIT = 20_000
TAG_LIMIT = 60
DRAFT_LIMIT = 2 * 1024 * 1024  # characters of one field that a draft keeps

CLEANED = "contained characters that cannot be shown. They were removed: check it and send again."
INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})  # categories of Unicode
# what Unicode calls letters, marks or symbols though nothing is drawn
FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10))))
NOT_FIELDS = frozenset({"csrf_token", "draft_id", "action", "reference", "files"})


@dataclass(frozen=True)
class Outgoing:
    """A message that may be sent."""

    text: str
    tag: str = ""
    subject: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)


def typed(form: Form) -> dict[str, str]:
    """Everything typed, for keeping as a draft: readable characters only, whatever else is wrong with it."""
    return {
        name: without_control_characters(form.raw(name))[:DRAFT_LIMIT]
        for name in form.values
        if name not in NOT_FIELDS and len(name) <= 60 and without_control_characters(name) == name
    }


def draft_id(form: Form) -> UUID | None:
    """The draft that the form belongs to; None when the page's field is missing or broken."""
    try:
        return UUID(form.text("draft_id"))
    except ValueError:
        return None


def reply_from(form: Form, refusals: Sequence[str]) -> tuple[Outgoing, dict[str, str]]:
    """A reply and what is wrong with it; `refusals` are the sentences about its files (SD 11.1(d))."""
    errors = {**_text_errors(form), **_tag_errors(form)}
    if refusals:
        errors["files"] = " ".join(refusals)
    return Outgoing(text=form.lines("text"), tag=_tag(form)), errors


def escalation_from(form: Form, refusals: Sequence[str]) -> tuple[Outgoing, dict[str, str]]:
    """What is said of an escalation, and what is wrong with it; as a reply, but the text is its reason."""
    outgoing, errors = reply_from(form, refusals)
    if is_blank(form.lines("text")):
        errors["text"] = "Say why you escalate"
    return outgoing, errors


def communication_from(form: Form, chosen: Choices, refusals: Sequence[str]) -> tuple[Outgoing, dict[str, str]]:
    """A new communication and what is wrong with it (SD 11.1(c))."""
    errors: dict[str, str] = {}
    if chosen.sender is None:
        errors["sender"] = "Choose the market role to send from"
    if chosen.process is None:
        errors["process"] = "Choose a business process"
    if chosen.recipient is None:
        errors["recipient"] = "Choose the company to send to"
    items: list[dict[str, Any]] = []
    if chosen.process is not None:
        values, problems = validate_all(chosen.process.items, {name: form.raw(name) for name in form.values})
        errors |= problems
        items = [
            {"key": item.key, "label": item.label, "kind": item.kind.value, "value": values[item.key]}
            for item in chosen.process.items
            if item.key in values
        ]
    errors |= _subject_errors(form) | _text_errors(form) | _tag_errors(form)
    if refusals:
        errors["files"] = " ".join(refusals)
    return Outgoing(form.lines("text"), _tag(form), form.text("subject"), items), errors


def tag_from(form: Form) -> tuple[str, dict[str, str]]:
    """A search tag by itself, and what is wrong with it (SD 11.1(b)v)."""
    tag = _tag(form)
    return tag, _tag_errors(form) if tag else {"tag": "Enter a search tag"}


def owner_from(form: Form) -> tuple[int | None, dict[str, str]]:
    """Who shall own it, None for nobody, and what is wrong with that (SD 11.1(b)i)."""
    person = form.text("person")
    if not person:
        return None, {}
    number = whole_number(person, 9)
    return (number, {}) if number else (None, {"person": "Choose a person from the list"})


def number_from(form: Form, name: str) -> int:
    """A small number that a page carries in a hidden field; 0 when it is missing or broken."""
    return whole_number(form.text(name), 9) or 0


def is_blank(text: str) -> bool:
    """Whether nobody could see anything of the text: spaces, invisible characters, marks of direction and no letter."""
    return all(unicodedata.category(c) in INVISIBLE or c in FILLERS for c in text)


def _tag(form: Form) -> str:
    tag = form.text("tag")
    return "" if is_blank(without_control_characters(tag)) and without_control_characters(tag) == tag else tag


def _subject_errors(form: Form) -> dict[str, str]:
    subject = form.text("subject")
    if is_blank(subject):
        return {"subject": "Enter a subject"}
    if without_control_characters(subject) != subject:
        return {"subject": f"The subject {CLEANED}"}
    if len(subject) > SUBJECT_LIMIT:
        return {"subject": f"Shorten the subject to {SUBJECT_LIMIT} characters. It has {len(subject)}."}
    return {}


def _text_errors(form: Form) -> dict[str, str]:
    text = form.lines("text")
    if is_blank(text):
        return {"text": "Enter a message"}
    if without_control_characters(text) != text:
        return {"text": f"The message {CLEANED}"}
    if len(text) > TEXT_LIMIT:
        return {
            "text": f"Shorten the message to {TEXT_LIMIT:,} characters, or attach it as a file. It has {len(text):,}."
        }
    return {}


def _tag_errors(form: Form) -> dict[str, str]:
    tag = _tag(form)
    if without_control_characters(tag) != tag:
        return {"tag": f"The search tag {CLEANED}"}
    if len(tag) > TAG_LIMIT:
        return {"tag": f"Shorten the search tag to {TAG_LIMIT} characters. It has {len(tag)}."}
    return {}

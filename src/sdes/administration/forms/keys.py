"""What is posted about API keys, turned into values or errors. No database."""

from dataclasses import dataclass

from sdes.kit.forms import Form, without_control_characters
from sdes.permissions import Role

SCOPES = (
    (Role.API_PEOPLE_READER.value, "Read people", "Who is on the list, with their use cases and functions"),
    (
        Role.API_PEOPLE_WRITER.value,
        "Maintain people",
        "Create, change, suspend, reinstate and delete people, grant system functions and send new passwords",
    ),
    (Role.API_ASSIGNER.value, "Maintain assignments", "Put people in use cases and take them out"),
    (
        Role.API_COMMUNICATIONS_READER.value,
        "Read communications",
        "All communications of the company with their messages, whatever the process type",
    ),
)
LASTS = (("90", "90 days"), ("365", "1 year"), ("730", "2 years"))
NAME_LIMIT = 60


@dataclass(frozen=True)
class NewKey:
    """What a key is for (`name`), what it may do, and for how many days."""

    name: str
    scopes: tuple[Role, ...]
    days: int


def new_key_from(form: Form) -> tuple[NewKey, dict[str, str]]:
    """The key asked for, and what is wrong with it."""
    name = " ".join(without_control_characters(form.text("name")).split())
    chosen = set(form.all("scope"))
    scopes = tuple(Role(scope) for scope, *_ in SCOPES if scope in chosen)
    errors = {}
    if not name:
        errors["name"] = "Enter what the key is for, such as the name of the program"
    elif len(name) > NAME_LIMIT:
        errors["name"] = f"Shorten the name to {NAME_LIMIT} characters"
    if not scopes or len(scopes) != len(chosen):
        errors["scope"] = "Choose what the key may do"
    if form.text("days") not in dict(LASTS):
        errors["days"] = "Choose how long the key lasts"
    days = int(form.text("days")) if "days" not in errors else 0
    return NewKey(name, scopes, days), errors

"""What programs send and are sent: the shape of each body, and how a person is told."""

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from litestar import Response
from msgspec import UNSET, Meta, Struct, UnsetType

from sdes.accounts.entrance import AnyRequest
from sdes.accounts.functions import SystemFunction
from sdes.administration.matrix.seen import assigned
from sdes.administration.views.people import PersonView
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView
from sdes.kit import clock
from sdes.kit.errors import SdesError
from sdes.kit.problems import NotValid

Name = Annotated[str, Meta(min_length=1, max_length=120, examples=["Asha Rahman"])]
Email = Annotated[str, Meta(min_length=3, max_length=254, examples=["asha@company.example"])]
Code = Annotated[str, Meta(max_length=20, description="Code of a process type", examples=["PT0103"])]
Level = Annotated[int, Meta(ge=1, le=15)]
Functions = Annotated[list[str], Meta(max_length=20, description="Keys of GET /functions", examples=[["cmrp"]])]


class UseCaseMedia(Struct, forbid_unknown_fields=True):
    """A process type at a level."""

    process_type: Code
    level: Level


Cases = Annotated[list[UseCaseMedia], Meta(max_length=1000)]


class NewPersonMedia(Struct, forbid_unknown_fields=True, kw_only=True):
    """Who is to have an account."""

    name: Name
    email: Email
    is_proxy_address: Annotated[bool, Meta(description="Shared by several people, or no mailbox")] = False
    system_functions: Functions = []
    use_cases: Cases = []


class DetailsMedia(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to become different; what is left out stays."""

    name: Name | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    is_proxy_address: bool | UnsetType = UNSET


class AssignmentsMedia(Struct, forbid_unknown_fields=True, kw_only=True):
    """All use cases that a person is to be in."""

    use_cases: Cases
    mau_takes: Annotated[bool, Meta(description="The MAU becomes default contact where nobody would be left")] = False


class FunctionsMedia(Struct, forbid_unknown_fields=True):
    """All system functions that a person is to have."""

    system_functions: Functions


class PersonMedia(Struct, kw_only=True):
    """An Authorised Person."""

    id: int
    name: str
    email: str
    state: Annotated[str, Meta(description="active or suspended")]
    is_master_admin: bool
    is_proxy_address: bool
    is_email_verified: bool
    is_waiting: Annotated[bool, Meta(description="Has not yet changed the single-use password")]
    has_second_factor: bool
    system_functions: list[str]
    use_cases: list[UseCaseMedia]
    created_at: datetime
    last_sign_in_at: datetime | None
    deleted_on: Annotated[date | None, Meta(description="When the account lapses without a sign-in")]


class PeopleMedia(Struct):
    """A page of people."""

    people: list[PersonMedia]
    next_cursor: Annotated[str | None, Meta(description="Send it as `cursor` for the next page; null on the last")]


class LevelMedia(Struct):
    """A use case that the company's people can be in."""

    process_type: str
    title: str
    fuel: str
    level: int
    level_name: str


class UseCasesMedia(Struct):
    """What people can be assigned to."""

    use_cases: list[LevelMedia]


class FunctionMedia(Struct):
    """A system function that the company's people can be granted."""

    key: str
    name: str
    description: str
    is_grantable_by_key: bool


class SystemFunctionsMedia(Struct):
    """What people can be granted."""

    system_functions: list[FunctionMedia]


class NotJson(SdesError):
    """The body is of another kind."""

    status = 415


class Stale(SdesError):
    """The person was changed since the program read them."""

    status = 412


def person_media(one: PersonView, catalogue: list[ProcessTypeView]) -> PersonMedia:
    """A person as programs are told of them."""
    held, today = assigned(one), clock.today()
    return PersonMedia(
        id=one.id,
        name=one.name,
        email=one.email,
        state=one.state.value,
        is_master_admin=one.is_master_admin,
        is_proxy_address=one.is_proxy_address,
        is_email_verified=one.email_verified_at is not None,
        is_waiting=one.is_waiting,
        has_second_factor=one.has_second_factor,
        system_functions=[function.value for function in SystemFunction if function in one.functions],
        use_cases=[
            UseCaseMedia(process.code, level.number)
            for process in catalogue
            for level in process.levels
            if (process.id, level.number) in held
        ],
        created_at=one.activity.created_at,
        last_sign_in_at=one.last_sign_in_at,
        deleted_on=None if one.is_master_admin else max(one.activity.lapses_on(today), today),
    )


def told(one: PersonView, catalogue: list[ProcessTypeView], status: int = 200, **headers: str) -> Response[PersonMedia]:
    """The answer that tells of a person, with the tag by which a later change is known to be of this state."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(person_media(one, catalogue), status_code=status, headers={"ETag": tag_of(one), **named})


def tag_of(one: PersonView) -> str:
    """Differs whenever something of a person differs that programs may change."""
    words: list[Any] = [one.name, one.email, one.is_proxy_address, one.state.value]
    words += [sorted(one.functions), sorted(assigned(one))]
    return f'"{sha256(msgspec.json.encode(words)).hexdigest()[:24]}"'


def refuse_stale(request: AnyRequest, one: PersonView) -> None:
    """Refuses (412) a change whose `If-Match` names another state than the person's. People must be locked."""
    wanted = request.headers.get("If-Match")
    if wanted and wanted.strip() != "*" and tag_of(one) not in [tag.strip() for tag in wanted.split(",")]:
        raise Stale("This person was changed since you read them. Nothing was saved. Read them again first.")


def use_cases_from(media: list[UseCaseMedia], catalogue: list[ProcessTypeView]) -> frozenset[UseCase]:
    """The use cases that a program names by their codes; refuses (422) those that there are not."""
    known = {(one.code, level.number): (one.id, level.number) for one in catalogue for level in one.levels}
    problems = {
        f"use_cases[{place}]": f"There is no {one.process_type[:20]} at level {one.level}"
        for place, one in enumerate(media)
        if (one.process_type, one.level) not in known
    }
    if problems:
        raise NotValid(**problems)
    return frozenset(known[one.process_type, one.level] for one in media)


def functions_from(names: list[str]) -> tuple[str, ...]:
    """The system functions that a program names; refuses (422) those that there are not."""
    unknown = {
        f"system_functions[{place}]": f"There is no system function {name[:40]}"
        for place, name in enumerate(names)
        if name not in list(SystemFunction)
    }
    if unknown:
        raise NotValid(**unknown)
    return tuple(dict.fromkeys(names))

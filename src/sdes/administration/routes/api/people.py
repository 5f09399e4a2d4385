"""The people of a company, as programs list and add them."""

from typing import Annotated

from litestar import Response, get, post
from litestar.params import JSONBody, QueryParameter

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.administration.access import refuse_function_by_key
from sdes.administration.actions.people import NewPerson, create
from sdes.administration.forms.people import address_problem, clean_name, name_problem
from sdes.administration.queries.directory import MOST, directory, id_of_address
from sdes.administration.queries.people import assignable, person
from sdes.administration.routes.api.media import (
    NewPersonMedia,
    PeopleMedia,
    PersonMedia,
    functions_from,
    person_media,
    told,
    use_cases_from,
)
from sdes.kit.errors import Forbidden, Refused
from sdes.kit.paging import Cursor
from sdes.kit.problems import NotValid
from sdes.permissions import Permission

READ = {"permission": Permission.API_PEOPLE_READ, "api": True}
WRITE = {"permission": Permission.API_PEOPLE_WRITE, "api": True}


@get("/people", name="api.people", opt=READ, summary="List people")
async def index(
    request: AnyRequest,
    chosen_state: Annotated[
        str,
        QueryParameter(
            name="state", pattern="^(active|suspended)?$", required=False, description="active or suspended"
        ),
    ] = "",
    email: Annotated[str, QueryParameter(max_length=254, required=False, description="Whose address it is")] = "",
    cursor: Annotated[str, QueryParameter(max_length=200, required=False, description="From `next_cursor`")] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=MOST, required=False)] = 100,
) -> Response[PeopleMedia]:
    """The people of your company in the order in which they were created, a page at a time. Deleted people are not on
    the list."""
    actor = actor_of(request)
    begun = Cursor.read(cursor)
    if cursor and not begun:
        raise NotValid(cursor="This is no cursor of ours. Begin without one")
    found = await directory(actor, state=chosen_state, email=email, after=begun.id if begun else 0, limit=limit + 1)
    catalogue, _ = await assignable(actor)
    shown = [person_media(one, catalogue) for one in found[:limit]]
    further = str(Cursor(None, shown[-1].id)) if len(found) > limit else None
    return Response(PeopleMedia(shown, further))


@post("/people", name="api.people.add", opt=WRITE, summary="Create a person")
async def add(request: AnyRequest, data: JSONBody[NewPersonMedia]) -> Response[PersonMedia]:
    """Makes an account and sends a single-use password to the address. Use cases need the scope assignments:write too.
    409 with `id` when your company has somebody with this address, so the same request can be sent again."""
    actor = actor_of(request)
    if data.use_cases and not actor.may(Permission.API_ASSIGNMENTS_WRITE):
        raise Forbidden("The key does not have the scope assignments:write, which use_cases need.")
    name, email = clean_name(data.name), data.email.strip()
    refuse_details(name, email)
    refuse_function_by_key(set(data.system_functions))
    catalogue, _ = await assignable(actor)
    new = NewPerson(
        name,
        email,
        data.is_proxy_address,
        functions_from(data.system_functions),
        use_cases_from(data.use_cases, catalogue),
    )
    if known := await id_of_address(actor, email):
        refused = Refused("Your company has a person with this address already.")
        refused.members = {"id": known}
        raise refused
    made = await person(actor, await create(actor, new))
    return told(made, catalogue, 201, Location=f"/api/v1/people/{made.id}")


def refuse_details(name: str | None, email: str | None) -> None:
    """Refuses (422) a name or an address that nobody can have."""
    problems = {
        "name": name_problem(name) if name is not None else "",
        "email": address_problem(email) if email is not None else "",
    }
    if found := {field: problem for field, problem in problems.items() if problem}:
        raise NotValid(**found)

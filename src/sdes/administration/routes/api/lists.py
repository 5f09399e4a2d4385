"""What people can be assigned to and granted, for programs."""

from litestar import Response, get

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.accounts.functions import SystemFunction, grantable
from sdes.administration.queries.people import assignable
from sdes.administration.routes.api.media import FunctionMedia, LevelMedia, SystemFunctionsMedia, UseCasesMedia
from sdes.administration.routes.api.people import READ


@get("/use-cases", name="api.use-cases", opt=READ, summary="List use cases")
async def use_cases(request: AnyRequest) -> Response[UseCasesMedia]:
    """The use cases that your company's market roles include."""
    catalogue, allowed = await assignable(actor_of(request))
    held = set(allowed)
    found = [
        LevelMedia(one.code, one.full_title, one.fuel.value, level.number, level.name)
        for one in catalogue
        for level in one.levels
        if (one.id, level.number) in held
    ]
    return Response(UseCasesMedia(found))


@get("/functions", name="api.functions", opt=READ, summary="List system functions")
async def functions(request: AnyRequest) -> Response[SystemFunctionsMedia]:
    """The system functions that your company's market roles include."""
    found = [
        FunctionMedia(one.value, one.label, one.hint, one is not SystemFunction.USER_ADMINISTRATION)
        for one in grantable(actor_of(request).market_roles)
    ]
    return Response(SystemFunctionsMedia(found))

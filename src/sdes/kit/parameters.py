"""The parameters in the address of a program's request: one that a door does not know is refused, not passed over."""

from typing import Any

from litestar import Request
from litestar.enums import ParamType
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg

from sdes.kit.problems import NotValid

UNKNOWN = "This address does not take it. Leave it out, or check how it is written"


async def only_known(request: Request[Any, Any, Any]) -> None:
    """Refuses (422) parameters that the door does not state: whoever misspells one is not told of everything."""
    known = parameters_of(request.scope["route_handler"])
    if unknown := [name for name in request.query_params if name not in known]:
        raise NotValid(**dict.fromkeys(unknown, UNKNOWN))


def parameters_of(door: BaseRouteHandler) -> frozenset[str]:
    """The parameters that a door takes out of the address, by their names there."""
    stated = ((name, field.kwarg_definition) for name, field in door.parsed_fn_signature.parameters.items())
    return frozenset(
        one.name or name
        for name, one in stated
        if isinstance(one, ParameterKwarg) and one.param_type is ParamType.QUERY
    )

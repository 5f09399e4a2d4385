"""The description of the interface for programs says what the doors do (OpenAPI 3.1), to programs and to people."""

import re
from typing import Any

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from tests.support.people import Browser

pytestmark = pytest.mark.anyio

PREFIX = "/api/v1"


@pytest.fixture
async def description(nobody: Browser) -> Any:
    answer = await nobody.get("/api/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def doors(app: Litestar) -> set[tuple[str, str]]:
    """Method and path of every door of the interface."""
    return {
        (method.lower(), route.path_format)
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith(PREFIX)
        for handler in route.route_handlers
        for method in handler.http_methods - {"OPTIONS"}
    }


async def test_every_door_of_the_interface_is_described_and_no_other(app: Litestar, description: Any) -> None:
    described = {(method, path) for path, methods in description["paths"].items() for method in methods}
    assert len(described) == 15
    assert described == doors(app)


async def test_the_description_is_whole(description: Any) -> None:
    assert description["openapi"].startswith("3.1")
    assert description["info"]["title"]
    assert description["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert description["security"] == [{"key": []}]
    names = [operation["operationId"] for methods in description["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)
    for reference in re.findall(r"'#/([^']+)'", str(description)):
        node = description
        for part in reference.split("/"):
            assert part in node, f"{reference} leads nowhere"
            node = node[part]


async def test_each_operation_says_its_scope_its_parameters_and_its_refusals(description: Any) -> None:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["x-scope"] in operation["description"], where
            assert operation["summary"], where
            named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path)), where
            refusals = {status for status in operation["responses"] if not status.startswith("2")}
            assert refusals >= {"401", "403", "422", "429"}, where
            assert ("404" in refusals) == ("{" in path), where
            assert "application/json" not in str([operation["responses"][status] for status in refusals])


async def test_shapes_are_those_that_are_sent(description: Any) -> None:
    shapes = description["components"]["schemas"]
    assert shapes["NewPerson"]["required"] == ["email", "name"]
    assert shapes["NewPerson"]["additionalProperties"] is False
    assert shapes["UseCase"]["additionalProperties"] is False
    assert "additionalProperties" not in shapes["Person"]
    assert {"id", "name", "email", "state", "use_cases", "system_functions"} <= shapes["Person"]["properties"].keys()
    parameters = {one["name"] for one in description["paths"]["/api/v1/people"]["get"]["parameters"]}
    assert parameters == {"state", "email", "cursor", "limit"}


async def test_people_read_the_same_on_a_page(nobody: Browser, description: Any) -> None:
    page = await nobody.get("/api")
    assert page.status_code == 200
    for path, methods in description["paths"].items():
        assert path in page.text
        assert all(operation["summary"] in page.text for operation in methods.values())
    assert "curl" in page.text
    assert "Media" not in page.text

"""The OpenAPI description of the interface for programs, and the same as rows of a page. No database."""

import json
import re
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

TITLE = "SDES: interface for programs"
VERSION = "1.0"
ABOUT = (
    "Your own directory maintains the Authorised Persons of your company: joiners, leavers, use cases and system"
    " functions. A key of your company's Master Admin User says who asks. It cannot touch the Master Admin User, nor"
    " grant or take user administration, nor change the address or the password of those who have it, nor suspend,"
    " reinstate or delete them. A key that may read communications is told of all communications of your company that"
    " have changed since a time, with their messages, and of those that were deleted."
)
SCOPES = {
    "api:people:read": "people:read",
    "api:people:write": "people:write",
    "api:assignments:write": "assignments:write",
    "api:communications:read": "communications:read",
}
PROBLEMS = {
    "400": "The request could not be read",
    "401": "The key is missing, revoked or expired",
    "403": "The key does not have the scope",
    "404": "There is no such person or communication in your company",
    "409": "It may not be done now; `detail` says why",
    "412": "The person was changed since you read them (If-Match)",
    "413": "The body is longer than 64 KiB",
    "415": "The body is not application/json",
    "422": "`errors` says what is wrong with which field",
    "429": "More than 600 requests in a minute; Retry-After says how long to wait",
}
_PROBLEM: Schema = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people"},
        "errors": {
            "type": "array",
            "description": "With 422: the fields",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "problem": {"type": "string"}},
            },
        },
        "use_cases": {
            "type": "array",
            "description": "With 409: the use cases in which nobody would be left, in words",
            "items": {"type": "string"},
        },
        "id": {"type": "integer", "description": "With 409 of a creation: who has the address in your company"},
        "request_id": {"type": "string", "description": "With 500: tell it to the service desk"},
    },
}


def described(schema: Schema, permissions: dict[tuple[str, str], str], site: str) -> Schema:
    """The description that the framework makes of the routes, completed: who may ask (`permissions` by method and
    path), what every refusal looks like, and that bodies hold no other fields."""
    schema = json.loads(
        re.sub(r"\b(\w+)Media\b", r"\1", json.dumps(schema))
    )  # how the classes end is nobody's business
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "An API key"}}
    components["responses"] = {
        status: {
            "description": words,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, words in PROBLEMS.items()
    }
    schema["servers"] = [{"url": site}]
    schema["security"] = [{"key": []}]
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            _complete(operation, path, method, SCOPES[permissions[method.upper(), path]])
    for name in _sent(schema):
        components["schemas"][name]["additionalProperties"] = False
    return schema


def _complete(operation: Schema, path: str, method: str, scope: str) -> None:
    operation["description"] = f"{operation.get('description', '').strip()}\n\nScope: `{scope}`."
    operation["x-scope"] = scope
    refusals = {"401", "403", "422", "429"}
    if "{" in path:
        refusals |= {"404"}
    if method != "get":
        refusals |= {"409"}
    if "requestBody" in operation:
        refusals |= {"400", "413", "415"}
    is_checked = method in ("patch", "put", "delete") and "suspension" not in path
    if is_checked:
        refusals |= {"412"}
    answers = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    answers |= {status: {"$ref": f"#/components/responses/{status}"} for status in sorted(refusals)}
    operation["responses"] = answers
    if is_checked:
        words = "The ETag of the person as you read them: 412 when somebody else has changed them since"
        header = {"name": "If-Match", "in": "header", "schema": {"type": "string"}, "description": words}
        operation.setdefault("parameters", []).append({**header, "required": False})


def _sent(schema: Schema) -> set[str]:
    """The names of the shapes that are sent to us, those within others too."""
    found: set[str] = set()
    waiting = [
        operation["requestBody"]
        for methods in schema["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
    ]
    while waiting:
        for name in set(_references(waiting.pop())) - found:
            found.add(name)
            waiting.append(schema["components"]["schemas"][name])
    return found


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"].rpartition("/")[2]] if "$ref" in node else []
        return own + [name for value in node.values() for name in _references(value)]
    return [name for value in node for name in _references(value)] if isinstance(node, list) else []


@dataclass(frozen=True)
class Field:
    """A field of a body, or a parameter, as the page shows it."""

    name: str
    kind: str
    is_needed: bool
    about: str


@dataclass(frozen=True)
class Operation:
    """A method at an address, as the page shows it."""

    method: str
    path: str
    title: str
    about: str
    scope: str
    parameters: list[Field]
    body: list[Field]
    body_name: str
    answer: str
    refusals: list[tuple[str, str]]

    @property
    def id(self) -> str:
        path = self.path.removeprefix("/api/v1").replace("{person_id}", "id")
        return f"{self.method.lower()}{re.sub(r'[{}]', '', path).replace('/', '-')}"


def operations_of(schema: Schema) -> list[Operation]:
    """Every operation, in the order of their addresses."""
    order = ["get", "post", "patch", "put", "delete"]
    return [
        _operation(schema, path, method, schema["paths"][path][method])
        for path in sorted(schema["paths"], key=lambda path: (path.count("/") > 3, "people" not in path, path))
        for method in order
        if method in schema["paths"][path]
    ]


def shapes_of(schema: Schema) -> list[tuple[str, list[Field]]]:
    """The shapes that answers and bodies are made of, by name, with their fields."""
    return [(name, _fields(shape)) for name, shape in sorted(schema["components"]["schemas"].items())]


def _operation(schema: Schema, path: str, method: str, operation: Schema) -> Operation:
    parameters = [
        Field(one["name"], _kind(one["schema"]), one.get("required", False), one.get("description", "") or "")
        for one in operation.get("parameters", [])
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = body.get("$ref", "").rpartition("/")[2]
    good = next(status for status in operation["responses"] if status.startswith("2"))
    content = operation["responses"][good].get("content", {})
    shape = next((_kind(one["schema"]) for one in content.values() if one.get("schema")), "")
    return Operation(
        method.upper(),
        path,
        operation.get("summary", ""),
        operation["description"].partition("\n\nScope:")[0].replace("\n", " "),
        operation["x-scope"],
        parameters,
        _fields(schema["components"]["schemas"][name]) if name else [],
        name,
        f"{good}{' ' if shape else ''}{shape}",
        [(status, PROBLEMS[status]) for status in operation["responses"] if status in PROBLEMS],
    )


def _fields(shape: Schema) -> list[Field]:
    needed = shape.get("required", [])
    return [
        Field(name, _kind(one), name in needed, one.get("description", "") or "")
        for name, one in shape.get("properties", {}).items()
    ]


def _kind(schema: Schema) -> str:
    """The type of a value in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return " or ".join(dict.fromkeys(_kind(one) for one in schema[word]))
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or kind)

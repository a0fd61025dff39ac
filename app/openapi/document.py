"""The document of one revision of a definition, put together."""

from collections.abc import Iterable, Mapping
from typing import Any

from apispec import APISpec

from app import __version__
from app.access.errors import (
    AuthenticationUnavailable,
    TenantNotAllowed,
    TooManyRequests,
    Unauthenticated,
)
from app.access.privileges import Privilege, PrivilegesMissing
from app.limits import KEY_HEADER, REPLAYED_HEADER
from app.openapi import headers
from app.openapi.bodies import BODIES
from app.openapi.described import JSON, Answer, Described
from app.openapi.examples import bodies
from app.openapi.links import LINKS
from app.openapi.on_metadata import ON_METADATA
from app.openapi.on_profiles import ON_PROFILES
from app.openapi.on_records import ON_RECORDS
from app.openapi.on_server import ON_SERVER
from app.openapi.problems import FAULT, Kind, problem_schemas, refusals
from app.openapi.profiles import profile_schemas
from app.openapi.references import with_used_components
from app.operations import OPERATIONS
from app.services.definitions import Revision

DESCRIBED = {**ON_PROFILES, **ON_RECORDS, **ON_METADATA, **ON_SERVER}
"""What is told of each operation, by the endpoint of its route."""

SECURITY: Mapping[str, dict[str, str]] = {
    "api_key": {"type": "apiKey", "in": "header", "name": KEY_HEADER},
    "basic": {"type": "http", "scheme": "basic"},
    "jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}
"""The ways to say who asks, by name."""

# What every operation that asks who calls may answer beside its own refusals.
_GUARDED: tuple[Kind, ...] = (
    Unauthenticated,
    AuthenticationUnavailable,
    PrivilegesMissing,
    TooManyRequests,
)
_TAGS = {
    "profiles": "Whole profiles: read, write, find and merge them.",
    "extensions": "The records of a profile's extensions, one by one.",
    "metadata": "What a profile of the tenant holds, and what it is found by.",
    "server": "The service as a whole.",
    "health": "For those who watch over it.",
}
_ABOUT = """\
One profile per customer: core attributes, and records of extensions, as the definition of the \
tenant has them. This document is that of tenant {tenant}, made of revision {number} of its \
definition.

- A refusal is `application/problem+json`; programs go by its `code`.
- Every answer has an `X-Request-Id`, unless the request was malformed HTTP, and where requests \
are limited `RateLimit-Policy` and `RateLimit`. Then paths and \
methods that are not there, and `OPTIONS`, may answer 429, too.
- What a query answered can be put back as it is; with `If-Match` and its `ETag`, only if no one \
else was faster.
- Names are spelled as they are defined; in paths and in `extensions`, in any case. No string \
holds U+0000.
- A moment may have any form of ISO 8601 and any offset, none meaning UTC. It is answered in \
UTC, to the millisecond.
- What was stored under an earlier definition, and kept by a change with `force=true`, is \
answered as it is.
"""


def document(revision: Revision, base_path: str, schemes: Iterable[str]) -> dict[str, Any]:
    """The OpenAPI document; ``schemes``: the names in `SECURITY` of which one is needed."""
    secured = [{name: list[str]()} for name in schemes]
    spec = APISpec(
        "Customer profiles",
        __version__,
        "3.1.0",
        info={
            "description": _ABOUT.format(tenant=revision.tenant, number=revision.number),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "contact": {"name": "Whoever runs this service"},
        },
        servers=[{"url": base_path or "/"}],
        security=secured,
        components={"links": LINKS},
    )
    for name, about in _TAGS.items():
        spec.tag({"name": name, "description": about})
    _add_components(spec, revision, [name for each in secured for name in each])
    shown = bodies(revision.definition)
    for endpoint, described in DESCRIBED.items():
        operation = _operation(endpoint, described, shown)
        if base_path and not described.based:
            operation["servers"] = [{"url": "/"}]
        if described.id == "identifyProfiles":
            criteria = headers.criteria(revision.definition).values()
            operation["parameters"] = [*criteria, *operation["parameters"]]
        spec.path(described.path, operations={described.method: operation})
    return with_used_components(spec.to_dict())


def _add_components(spec: APISpec, revision: Revision, schemes: Iterable[str]) -> None:
    schemas = {**BODIES, **profile_schemas(revision.definition), "Fault": FAULT}
    for name, schema in (schemas | problem_schemas()).items():
        spec.components.schema(name, schema)
    for name, header in headers.HEADERS.items():
        told = {each: header[each] for each in header if each != "name"}
        spec.components.header(name, told)
    for name, parameter in headers.parameters(revision).items():
        spec.components.parameter(name, parameter["in"], parameter)
    for name in schemes:
        spec.components.security_scheme(name, SECURITY[name])


def _operation(endpoint: str, described: Described, shown: Mapping[str, Any]) -> dict[str, Any]:
    access = OPERATIONS[endpoint]
    guarded = () if access.public else (*_GUARDED, *([TenantNotAllowed] * access.of_tenant))
    answers = {code: _answer(each, shown) for code, each in described.answers.items()}
    operation: dict[str, Any] = {
        "operationId": described.id,
        "summary": described.summary,
        "description": described.about + _needed(access.needs),
        "tags": [described.tag],
        "parameters": list(described.parameters),
        "responses": answers | refusals((*described.problems, *guarded)),
        "x-privileges": [str(each) for each in access.needs],
    }
    if "IdempotencyKey" in described.parameters:
        for code in described.answers:
            operation["responses"][code].setdefault("headers", {})[REPLAYED_HEADER] = "Replayed"
    if described.method == "patch":
        operation["responses"][415]["headers"]["Accept-Patch"] = "AcceptPatch"
    if described.body:
        contents = described.body.schemas.items()
        content = {media_type: _content(schema, shown) for media_type, schema in contents}
        operation["requestBody"] = {"required": described.body.required, "content": content}
    if access.public:
        operation["security"] = []
    return operation


def _needed(privileges: Iterable[Privilege]) -> str:
    names = " and ".join(f"*{each}*" for each in privileges)
    return f"\n\nNeeds {names}." if names else ""


def _answer(answer: Answer, shown: Mapping[str, Any]) -> dict[str, Any]:
    named = {headers.HEADERS[each]["name"]: each for each in answer.headers}
    told: dict[str, Any] = {"description": answer.about}
    if named:
        told["headers"] = named
    if answer.links:
        told["links"] = {each: {"$ref": f"#/components/links/{each}"} for each in answer.links}
    if answer.schema:
        told["content"] = {JSON: _content(answer.schema, shown)}
    return told


def _content(schema: str, shown: Mapping[str, Any]) -> dict[str, Any]:
    return {"schema": schema, **({"example": shown[schema]} if schema in shown else {})}

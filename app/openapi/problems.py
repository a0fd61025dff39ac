"""The answers that are no success: a schema for each status, and who answers with what."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from app.http_problems import HTTP_PROBLEMS
from app.openapi.profiles import Part, Schema, nullable, reference
from app.problem_body import MEDIA_TYPE, problem_body
from app.problem_kinds import PROBLEMS, Problem

Kind = type[Exception] | int
"""A key of `PROBLEMS` or of `HTTP_PROBLEMS`."""

_HEADERS = {
    401: {"WWW-Authenticate": "Challenges"},
    415: {"Accept-Encoding": "AcceptEncoding"},
    429: {"Retry-After": "RetryAfter"},
    503: {"Retry-After": "RetryAfter"},
}
_TEXT: Schema = {"type": "string"}
FAULT: Schema = {
    "type": "object",
    "description": "A fault of the request; one of the first four members says where.",
    "required": ["message"],
    "properties": {
        "pointer": {
            "type": "string",
            "format": "json-pointer",
            "description": "Into the body; of a merge into the source, of a patch into the patch.",
        },
        "parameter": {"type": "string", "description": "Of the query string."},
        "header": _TEXT,
        "path": {"type": "string", "description": "A variable of the path."},
        "message": _TEXT,
    },
}
_MEMBERS: dict[str, Part] = {
    "errors": {
        "type": "array",
        "items": "Fault",
        "description": "The first 100 faults of a body, then one that there are more.",
    },
    "missing": {
        "type": "array",
        "items": _TEXT,
        "description": "The privileges that the caller lacks.",
    },
    "survivor": "CustomerId",
    "key": {"type": "string", "description": "An identification key."},
    "job": nullable(reference("Job")) | {"description": "What builds the key."},
    "name": {"type": "string", "description": "What is not defined, or taken."},
    "report": "Report",
}


def problem_schemas() -> dict[str, Schema]:
    """One schema per status: its codes, and all that a problem may tell."""
    by_status: dict[int, list[Problem]] = defaultdict(list)
    for problem in (*PROBLEMS.values(), *HTTP_PROBLEMS.values()):
        by_status[problem.status].append(problem)
    return {f"Problem{status}": _schema(status, by_status[status]) for status in sorted(by_status)}


def _schema(status: int, problems: list[Problem]) -> Schema:
    return {
        "type": "object",
        "description": "A refusal (RFC 9457). Programs go by `code`.",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": _TEXT,
            "status": {"type": "integer", "minimum": status, "maximum": status},
            "detail": {"type": "string", "description": "For people; it may change."},
            "code": {"type": "string", "enum": [each.code for each in problems]},
            **_MEMBERS,
        },
    }


def refusals(kinds: Iterable[Kind]) -> dict[int, dict[str, Any]]:
    """The responses by status; ``x-codes`` has the codes that the operation may answer."""
    by_status: dict[int, list[Problem]] = defaultdict(list)
    for kind in dict.fromkeys(kinds):
        problem = HTTP_PROBLEMS[kind] if isinstance(kind, int) else PROBLEMS[kind]
        by_status[problem.status].append(problem)
    return {status: _response(status, by_status[status]) for status in sorted(by_status)}


def _response(status: int, problems: list[Problem]) -> dict[str, Any]:
    headers = {"Cache-Control": "NotKept", **_HEADERS.get(status, {})}
    return {
        "description": "\n".join(f"- `{each.code}`: {each.detail}" for each in problems),
        "headers": headers,
        "content": {
            MEDIA_TYPE: {"schema": f"Problem{status}", "example": problem_body(problems[-1])}
        },
        "x-codes": [each.code for each in problems],
    }

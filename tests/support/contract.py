"""Whether what the service answers is what its OpenAPI document says."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from jsonschema_rs import Draft202012Validator

from app.access.errors import TooManyRequests
from app.http_problems import HTTP_PROBLEMS
from app.problem_kinds import PROBLEMS
from app.request_faults import InvalidHost

PROBLEM = "application/problem+json"
SERVER_OWN = {"content-type", "content-length", "date", "server", "connection"}
"""Headers that are said of no operation: HTTP and the server have them."""

EVERYWHERE = {
    "x-request-id",
    "x-content-type-options",
    "ratelimit",
    "ratelimit-policy",
}
"""Headers that the document tells once, of all operations."""

OUTSIDE = HTTP_PROBLEMS | {429: PROBLEMS[TooManyRequests]}
"""What is answered where there is no operation, by status."""

REFUSED_BY_THE_SERVER = {408, 414, 431, 501}
NO_PATH = "//"
PAGES = ("/docs", "/metrics")
"""What is for people and for Prometheus: no operations."""


class ContractBroken(AssertionError):
    """The document and the service disagree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and the answer to it. ``path`` is as `path_in` has it."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes


CROSS_ORIGIN = {
    "vary",
    "access-control-allow-origin",
    "access-control-expose-headers",
}
"""Those of all answers of a service that pages of other origins may call."""

OF_UCS = ("/profiles", "/metadata", "/server")
"""Paths that may end in a slash."""


class Contract:
    """One document. Compiles what it says of a body when that is first needed."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._base = document["servers"][0]["url"].rstrip("/")
        self._components = _closed(document["components"])
        self._validators: dict[str, Draft202012Validator] = {}
        self._paths = sorted(
            ((self._pattern(path, item), path) for path, item in document["paths"].items()),
            key=lambda pair: pair[1].count("{"),
        )

    def check(self, exchange: Exchange, *, body: bool = True) -> None:
        """``body``: whether to look into the body of a success.

        :raises ContractBroken: with the operation, and the place in its answer.
        """
        found = (name for pattern, name in self._paths if pattern.fullmatch(exchange.path))
        path = next(found, "")
        method = "get" if exchange.method == "HEAD" else exchange.method.lower()
        operation = self._document["paths"].get(path, {}).get(method)
        place = f"{exchange.method} {path or exchange.path}, {exchange.status}"
        try:
            if operation is None or exchange.status in REFUSED_BY_THE_SERVER:
                self._check_outside(exchange)
            else:
                self._check_operation(operation, exchange, body=body)
        except ContractBroken as error:
            raise ContractBroken(f"{place}: {error}") from None

    def _check_outside(self, exchange: Exchange) -> None:
        page = exchange.path.startswith((*PAGES, *(self._base + path for path in PAGES)))
        if exchange.status < 400:
            _expect(page or exchange.method == "OPTIONS", "is answered, but not documented")
            _expect(page or exchange.headers.get("Allow"), "has no Allow")
        elif page or exchange.method == "OPTIONS":
            _expect(exchange.headers.get("Content-Type") == PROBLEM, "is refused with no problem")
        else:
            _expect(exchange.status in OUTSIDE, "is refused, but not documented")
            self._check_body({"schema": _refusal(exchange)}, PROBLEM, exchange)

    def _check_operation(
        self, operation: Mapping[str, Any], exchange: Exchange, *, body: bool
    ) -> None:
        answer = operation["responses"].get(str(exchange.status))
        _expect(answer, "the status is not documented")
        self._check_headers(answer.get("headers", {}), exchange)
        content = answer.get("content", {})
        if not content:
            _expect("Content-Type" not in exchange.headers, "has a Content-Type without content")
            _expect(not exchange.body, "has a body")
            return
        ((media_type, told),) = content.items()
        if body or exchange.status >= 400:
            self._check_body(told, media_type, exchange)
        if "x-codes" in answer and exchange.method != "HEAD":
            code = json.loads(exchange.body)["code"]
            _expect(code in answer["x-codes"], f"the code {code} is not documented")

    def _check_headers(self, documented: Mapping[str, Any], exchange: Exchange) -> None:
        sent = {name.lower(): text for name, text in exchange.headers.items()}
        for name, reference in documented.items():
            header = self._components["headers"][reference["$ref"].rpartition("/")[2]]
            text = sent.get(name.lower())
            if text is None:
                _expect(not header["required"], f"the header {name} is missing")
            else:
                number = header["schema"]["type"] == "integer" and text.isdigit()
                errors = self._errors(header["schema"], int(text) if number else text)
                _expect(not errors, f"the header {name}: {'; '.join(errors)}")
        extra = sent.keys() - SERVER_OWN - EVERYWHERE - {name.lower() for name in documented}
        if sent.get("vary", "").endswith("Origin"):
            extra -= CROSS_ORIGIN
        _expect(not extra, f"the headers {sorted(extra)} are not documented")

    def _check_body(self, told: Mapping[str, Any], media_type: str, exchange: Exchange) -> None:
        found = exchange.headers.get("Content-Type")
        _expect(found == media_type, f"the media type is {found}")
        if exchange.method == "HEAD":
            _expect(not exchange.body, "has a body")
            return
        try:
            value = json.loads(exchange.body, parse_float=Decimal)
        except ValueError:
            raise ContractBroken("the body is no JSON") from None
        errors = self._errors(told["schema"], value)
        _expect(not errors, "the body, " + "; ".join(errors[:5]))

    def _errors(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        key = json.dumps(schema)
        if key not in self._validators:
            whole = {**schema, "components": self._components}
            self._validators[key] = Draft202012Validator(whole, validate_formats=True)
        return [
            f"/{'/'.join(map(str, each.instance_path))}: {each.message}"
            for each in self._validators[key].iter_errors(value)
        ]

    def _pattern(self, path: str, item: Mapping[str, Any]) -> re.Pattern[str]:
        based = not any("servers" in operation for operation in item.values())
        slash = "/?" if path.startswith(OF_UCS) else ""
        literal = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        return re.compile(re.escape(self._base if based else "") + literal + slash)


def _closed(components: Mapping[str, Any]) -> dict[str, Any]:
    """``components`` so that no object has a member that is not told.

    In the document itself answers are open, so that clients outlive a growing definition.
    """
    schemas = {name: _closed_schema(each) for name, each in components["schemas"].items()}
    return {**components, "schemas": schemas}


def _closed_schema(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed_schema(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed_schema(each) for name, each in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed


def path_in(target: str) -> str:
    """The decoded path in the target of a request; `NO_PATH` if it has an empty segment, or a
    slash within one."""
    path = target.partition("?")[0]
    return NO_PATH if "%2f" in path.lower() or "//" in path else unquote(path)


def _refusal(exchange: Exchange) -> dict[str, Any]:
    """The schema of what is told where no operation is reached."""
    host = PROBLEMS[InvalidHost]
    of_host = exchange.status == host.status and host.code.encode() in exchange.body
    problem = host if of_host else OUTSIDE[exchange.status]
    told = {"status": problem.status, "code": problem.code, "title": problem.title}
    members = {name: {"const": value} for name, value in told.items()}
    errors = {"errors": {"type": "array", "minItems": 1}} if of_host else {}
    return {
        "type": "object",
        "required": [*members, "type", "detail", *errors],
        "properties": {**members, "type": {}, "detail": {}, **errors},
        "additionalProperties": False,
    }


def _expect(holds: Any, otherwise: str) -> None:
    if not holds:
        raise ContractBroken(otherwise)

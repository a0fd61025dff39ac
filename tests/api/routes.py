"""All routes, found by walking the URL map, and what can be sent to each."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from flask import Flask
from werkzeug.test import TestResponse

from app.openapi.document import DESCRIBED
from app.openapi.headers import parameters
from app.problem_body import MEDIA_TYPE
from schemas.document import dump
from tests.support.creators import a_tenant
from tests.support.documents import a_revision
from tests.unit.schemas import DEFAULT

ID, OTHER_ID = "bruce", "betty"
VARIABLES = {
    "customer_id": ID,
    "source_id": OTHER_ID,
    "name": "Phone",
    "job_id": "nope",
    "edition": "old",
    "file": "docs.js",
}
JSON_TYPES = {"application/json", MEDIA_TYPE}
LIVE, METRICS = "/health/live", "/metrics"
PAGES = {"/docs", "/docs/old/docs.js"}
"""What is for people: no JSON, the same for everybody, and nothing of a store."""

ONE = f"/profiles/{ID}"
PAGING = {"limit", "cursor"}
PARAMETERS = {
    ("GET", "/profiles"): {
        "customer_id",
        "id_key",
        "include_profile",
        "extensions",
        "include_extensions",
        *PAGING,
    },
    ("GET", ONE): {"extensions", "version"},
    ("GET", "/docs"): {"tenant"},
    ("GET", "/openapi.json"): {"version"},
    ("GET", f"{ONE}/history"): PAGING,
    ("GET", f"{ONE}/extensions/Phone"): PAGING,
    ("PUT", "/metadata/profiles"): {"force", "dry_run"},
    ("PUT", "/metadata/profiles/extensions/Phone"): {"force", "dry_run"},
}


def methods_by_path(app: Flask) -> dict[str, set[str]]:
    """The methods of every path that the URL map has."""
    methods: dict[str, set[str]] = defaultdict(set)
    for rule in app.url_map.iter_rules():
        methods[path_of(rule.rule)] |= rule.methods or set()
    return methods


def path_of(rule: str, **given: str) -> str:
    """A path out of a rule of the URL map, or of the document; ``given`` are its variables."""
    return re.sub(r"[<{](\w+)[>}]", lambda match: (VARIABLES | given)[match[1]], rule)


def needing_store(app: Flask) -> list[tuple[str, str]]:
    """The calls that a store which is away cannot answer."""
    without = {LIVE, METRICS, *PAGES}
    return [call for call in calls(app) if call[0] != "OPTIONS" and call[1] not in without]


def taking(header: str) -> Iterator[tuple[str, str]]:
    """The calls of the operations of which the document names ``header``."""
    told = parameters(a_revision(DEFAULT.definition))
    for operation in DESCRIBED.values():
        if header in {told[each]["name"] for each in operation.parameters}:
            yield operation.method.upper(), path_of(operation.path)


def calls(app: Flask) -> Iterator[tuple[str, str]]:
    """Every method with every path that has it."""
    for path, methods in methods_by_path(app).items():
        for method in sorted(methods):
            yield method, path


def a_body(path: str) -> bytes:
    """One that a call of ``path`` takes."""
    needed = ("FirstName", "LastName", "DOB", "PhoneNumber", "EmailAddress")
    number, attributes = {"PhoneNumber": "1"}, [a_string(name) for name in needed]
    phone = {
        "name": "Phone",
        "type": "multi-valued",
        "unique": ["PhoneNumber"],
        "attributes": [a_string("PhoneNumber"), {"name": "PhoneType", "type": "long"}],
    }
    bodies: dict[str, Any] = {
        "/server/mode": {"mode": "production"},
        f"{ONE}/extensions": {"Vip": {}},
        f"{ONE}/extensions/Phone/by/unique": number,
        f"{ONE}/extensions/Phone/delete/by/unique": number,
        "/metadata/profiles": attributes,
        "/metadata/profiles/extensions": {"name": "Note", "type": "classifier"},
        "/metadata/profiles/extensions/Phone": phone,
        "/metadata/identification-keys": {"name": "Birth", "attributes": ["DOB"]},
    }
    return dump(bodies.get(path, {}))


def a_string(name: str) -> dict[str, str]:
    return {"name": name, "type": "string"}


def asked(method: str, path: str) -> str:
    """``path`` with what has to be asked there."""
    return f"{path}?PhoneNumber=1" if path == "/profiles" and method in {"GET", "HEAD"} else path


def send_target(app: Flask, method: str, target: str, data: bytes | None = b"{}") -> TestResponse:
    """As `send`, of a target that a client makes no URL of: as servers hand it on."""
    told = {"RAW_URI": target, "REQUEST_URI": target, "PATH_INFO": unquote(target)}
    return app.test_client().open("/", method=method, data=data, environ_overrides=told)


def send(
    app: Flask, method: str, path: str, data: bytes | None = b"{}", **headers: str
) -> TestResponse:
    media_type = "application/merge-patch+json" if method == "PATCH" else "application/json"
    named = {"X-Genesys-TenantId": str(a_tenant()), "Content-Type": media_type} | headers
    return app.test_client().open(path, method=method, data=data, headers=named)

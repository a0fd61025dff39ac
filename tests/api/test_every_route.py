"""What holds of every route, found by walking the URL map: also of those to come."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.dao.base import Dao
from app.dao.errors import StoreUnavailable
from app.factory import create_app
from app.problems import MEDIA_TYPE
from app.settings import Settings
from schemas.document import dump
from tests.api.conftest import client_of, following, unchanged
from tests.api.failing_dao import FailingDao
from tests.support.client import ApiClient
from tests.support.creators import EXAMPLE, a_tenant

ID, OTHER_ID = "bruce", "betty"
VARIABLES = {
    "<customer_id>": ID,
    "<source_id>": OTHER_ID,
    "<name>": "Phone",
    "<job_id>": "nope",
}
JSON_TYPES = {"application/json", MEDIA_TYPE}
LIVE = "/health/live"
ONE = f"/profiles/{ID}"
PAGING = {"limit", "cursor"}
PARAMETERS = {
    ("GET", "/profiles"): {
        "id_key",
        "include_profile",
        "extensions",
        "include_extensions",
        *PAGING,
    },
    ("GET", ONE): {"extensions", "version"},
    ("GET", f"{ONE}/history"): PAGING,
    ("GET", f"{ONE}/extensions/Phone"): PAGING,
    ("PUT", "/metadata/profiles"): {"force", "dry_run"},
    ("PUT", "/metadata/profiles/extensions/Phone"): {"force", "dry_run"},
}


def methods_by_path(app: Flask) -> dict[str, set[str]]:
    """The methods of every path that the URL map has."""
    methods: dict[str, set[str]] = defaultdict(set)
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for variable, value in VARIABLES.items():
            path = path.replace(variable, value)
        assert "<" not in path, "fill in the new variable of the path here"
        methods[path] |= rule.methods or set()
    return methods


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


class ProfilesFail(FailingDao):
    """Fails where it is asked for a profile, and has no documents."""

    def get_document(self, *_: Any) -> None:
        return None

    def put_document(self, *_: Any, **__: Any) -> None:
        """Keeps nothing."""


def send(
    app: Flask, method: str, path: str, data: bytes | None = b"{}", **headers: str
) -> TestResponse:
    media_type = "application/merge-patch+json" if method == "PATCH" else "application/json"
    named = {"X-Genesys-TenantId": str(a_tenant()), "Content-Type": media_type} | headers
    return app.test_client().open(path, method=method, data=data, headers=named)


def test_the_walk_finds_the_routes_there_are(app: Flask) -> None:
    assert {
        ("GET", "/profiles"),
        ("POST", "/profiles"),
        ("GET", ONE),
        ("PUT", ONE),
        ("PATCH", ONE),
        ("DELETE", ONE),
        ("GET", f"{ONE}/history"),
        ("PUT", f"{ONE}/merge/{OTHER_ID}"),
        ("POST", f"{ONE}/extensions"),
        ("PUT", f"{ONE}/extensions/Phone/by/unique"),
        ("GET", "/metadata/profiles"),
        ("DELETE", "/metadata/identification-keys/Phone"),
        ("GET", "/metadata/jobs/nope"),
        ("POST", "/server/mode"),
        ("GET", "/server/status"),
        ("GET", LIVE),
        ("GET", "/health/ready"),
    } <= set(calls(app))


@pytest.mark.parametrize("unknown", ["BREW", "TRACE", "PROPFIND"])
def test_an_unknown_method_is_refused_with_those_there_are(app: Flask, unknown: str) -> None:
    for path, methods in methods_by_path(app).items():
        answer = send(app, unknown, path)
        assert (path, answer.status_code, answer.content_type) == (path, 405, MEDIA_TYPE)
        assert set(answer.headers["Allow"].split(", ")) == methods


def test_options_tells_the_methods_there_are(app: Flask) -> None:
    for path, methods in methods_by_path(app).items():
        answer = send(app, "OPTIONS", path, None)
        assert (path, answer.status_code) == (path, 200)
        assert set(answer.headers["Allow"].split(", ")) == methods


def test_get_comes_with_head(app: Flask) -> None:
    for path, methods in methods_by_path(app).items():
        assert ("GET" in methods) == ("HEAD" in methods), path


def test_a_client_that_takes_no_json_is_refused(app: Flask) -> None:
    found = [call for call in calls(app) if not call[1].startswith("/health")]
    answers = {call: send(app, *call, Accept="text/html") for call in found}
    told = {call: (each.status_code, each.content_type) for call, each in answers.items()}
    assert told == dict.fromkeys(found, (406, MEDIA_TYPE))


def test_a_store_that_is_away_is_told_to_be_asked_again_later(
    settings: Settings, away: Dao
) -> None:
    app = create_app(settings, away)
    needing = [call for call in calls(app) if call[0] != "OPTIONS" and call[1] != LIVE]
    answers = {call: send(app, *call, a_body(call[1])) for call in needing}
    told = {call: (each.status_code, each.content_type) for call, each in answers.items()}
    assert told == dict.fromkeys(needing, (503, MEDIA_TYPE))
    assert all(int(each.headers["Retry-After"]) > 0 for each in answers.values())


def test_a_failure_of_the_service_is_told_in_its_own_words(settings: Settings) -> None:
    app = create_app(settings, FailingDao(RuntimeError("secret")))
    needing = [call for call in calls(app) if call[0] != "OPTIONS" and call[1] != LIVE]
    answers = {call: send(app, *call, a_body(call[1])) for call in needing}
    told = {call: (each.status_code, each.content_type) for call, each in answers.items()}
    assert told == dict.fromkeys(needing, (500, MEDIA_TYPE))
    assert all("secret" not in each.text for each in answers.values())


@pytest.mark.parametrize(("error", "status"), [(RuntimeError, 500), (StoreUnavailable, 503)])
def test_a_failure_while_a_profile_is_asked_for_is_told_without_its_text(
    settings: Settings, error: type[Exception], status: int
) -> None:
    app = create_app(settings, ProfilesFail(error("secret")))
    found = [call for call in calls(app) if call[1].startswith("/profiles")]
    for method, path in found:
        if method != "OPTIONS":
            answer = send(app, method, asked(method, path), a_body(path))
            assert (method, path, answer.status_code) == (method, path, status)
            assert (answer.content_type, "secret" in answer.text) == (MEDIA_TYPE, False)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept": "text/html"},
        {"Content-Type": "text/html"},
        {"X-Genesys-TenantId": "<b>"},
        {"If-Match": "<b>"},
        {"Host": "<b>"},
        {"Content-Length": "x"},
        {"Transfer-Encoding": "x"},
        {"Expect": "x"},
        {"Range": "bytes=0-1"},
        {"Cookie": "<b>"},
    ],
    ids=str,
)
@pytest.mark.parametrize("suffix", ["", "/", "?<b>=1", "?extensions=<b>", "/<b>", "%00"])
def test_no_answer_is_html(settings: Settings, headers: dict[str, str], suffix: str) -> None:
    app = create_app(settings, FailingDao(None))
    for method, path in [*calls(app), ("BREW", "/profiles"), ("GET", "")]:
        for data in (None, b"", b"<b>", b"{}"):
            tenant = {"X-Genesys-TenantId": "1"}
            answer = send(app, method, path + suffix, data, **tenant | headers)
            assert answer.content_type in JSON_TYPES or answer.status_code == 204
            assert b"</" not in answer.data


def test_a_tenant_that_is_none_is_refused(app: Flask) -> None:
    for method, path in calls(app):
        if path.startswith(("/profiles", "/metadata")) and method != "OPTIONS":
            answer = send(app, method, path, a_body(path), **{"X-Genesys-TenantId": "x"})
            assert (method, path, answer.status_code) == (method, path, 400)
            assert method == "HEAD" or "X-Genesys-TenantId" in answer.text


def filled(api: ApiClient) -> str:
    """Give a tenant profiles, records and a definition of its own; the id of a job."""
    core: Any = api.get("/metadata/profiles").json
    api.put("/metadata/profiles", [*core, {"name": "BruceOnly", "type": "string"}])
    key = {"name": "BruceKey", "attributes": ["BruceOnly"]}
    answer = api.send("POST", "/metadata/identification-keys", key, expect=201)
    for customer_id in (ID, OTHER_ID):
        phones = [{"PhoneNumber": "1", "description": "Bruce"}]
        api.created({"customer_id": customer_id, "PhoneNumber": "1", "Phone": phones})
        api.put(f"/profiles/{customer_id}", {"FirstName": "Bruce", "PhoneNumber": "1"})
    return answer.headers["Link"].partition(">")[0].rpartition("/")[2]


def all_that_is_told(api: ApiClient, app: Flask, job: str) -> dict[str, tuple[bytes, str | None]]:
    """What a tenant is answered on every path about what it has."""
    paths = [path.replace("nope", job) for method, path in calls(app) if method == "GET"]
    own = [path for path in paths if path.startswith(("/profiles/", "/metadata"))]
    whole = ("/profiles?PhoneNumber=1", f"{ONE}?extensions=*", f"/profiles/{OTHER_ID}")
    answers = {path: api.get(path) for path in (*own, *whole)}
    return {path: (each.data, each.headers.get("ETag")) for path, each in answers.items()}


def test_no_route_shows_or_changes_what_another_tenant_has(app: Flask) -> None:
    api = client_of(app)
    job = filled(api)
    before = all_that_is_told(api, app, job)
    for method, path in calls(app):
        to = asked(method, path).replace("nope", job)
        answer = send(app, method, to, a_body(path))
        assert "Bruce" not in answer.text + str(answer.headers), (method, to)
        if method != "OPTIONS" and (ID in to or job in to):
            assert (method, to, answer.status_code) == (method, to, 404)
    assert all_that_is_told(api, app, job) == before


def test_what_is_done_to_a_profile_of_the_same_id_is_done_to_that_one_only(app: Flask) -> None:
    api = client_of(app)
    job = filled(api)
    before, refused = all_that_is_told(api, app, job), set[tuple[str, str]]()
    for method, path in calls(app):
        other = client_of(app)
        for customer_id in (ID, OTHER_ID):
            phones = [{"PhoneNumber": "1"}]
            other.created({"customer_id": customer_id, "PhoneNumber": "1", "Phone": phones})
        tenant = {"X-Genesys-TenantId": str(other.tenant)}
        answer = send(app, method, asked(method, path), a_body(path), **tenant)
        assert "Bruce" not in answer.text + str(answer.headers), (method, path)
        if answer.status_code >= 300:
            refused.add((method, path))
    assert refused == {
        ("GET", "/metadata/jobs/nope"),
        ("HEAD", "/metadata/jobs/nope"),
        ("DELETE", "/metadata/profiles/extensions/Phone"),
    }
    assert all_that_is_told(api, app, job) == before


def test_no_route_takes_another_tenant_s_cursor(app: Flask) -> None:
    api, other = client_of(app), client_of(app)
    for each in (api, other):
        for customer_id in (ID, OTHER_ID):
            phones = [{"PhoneNumber": "1"}, {"PhoneNumber": "2"}]
            path = each.created({"customer_id": customer_id, "PhoneNumber": "1", "Phone": phones})
            each.put(path, {"PhoneNumber": "1"})
    for (method, path), names in PARAMETERS.items():
        if "cursor" in names:
            page = asked(method, path)
            page += "&limit=1" if "?" in page else "?limit=1"
            second = following(api.get(page)) or ""
            assert api.get(second).json != api.get(page).json
            refused: Any = other.get(second, expect=400).json
            assert refused["code"] == "wrong_cursor"
            forged: Any = api.get(second[:-1] + "AQ"[second[-1] == "A"], expect=400).json
            assert forged["code"] == "wrong_cursor"


def test_every_unknown_parameter_is_refused(app: Flask) -> None:
    api = client_of(app)
    path = api.created(EXAMPLE | {"customer_id": ID})
    with unchanged(api, path):
        for method, to in calls(app):
            if not to.startswith("/health") and method != "OPTIONS":
                refused = api.send(method, f"{to}?nope=1", a_body(to), expect=400)
                assert method == "HEAD" or set(api.faults(refused)) == {"nope"}


def test_every_repeated_parameter_is_refused(app: Flask) -> None:
    api = client_of(app)
    path = api.created(EXAMPLE | {"customer_id": ID})
    names = set[str]().union(*PARAMETERS.values())
    with unchanged(api, path):
        for method, to in calls(app):
            if to.startswith("/health") or method in {"OPTIONS", "HEAD"}:
                continue
            for name in names:
                refused = api.send(method, f"{to}?{name}=1&{name}=1", a_body(to), expect=400)
                told = api.faults(refused)
                known = name in PARAMETERS.get((method, to), set())
                reason = "is given more than once" if known else "is not a parameter here"
                assert told == {name: reason} or (method, to, known) == ("GET", "/profiles", False)

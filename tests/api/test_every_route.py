"""What holds of every route, found by walking the URL map: also of those to come."""

from typing import Any

import pytest
from flask import Flask
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from app.dao.base import Dao
from app.dao.errors import StoreUnavailable
from app.factory import create_app
from app.problem_body import MEDIA_TYPE
from app.settings import Settings
from tests.api.conftest import client_of, unchanged
from tests.api.failing_dao import FailingDao
from tests.api.routes import (
    ID,
    JSON_TYPES,
    METRICS,
    ONE,
    OTHER_ID,
    PAGES,
    PARAMETERS,
    a_body,
    asked,
    calls,
    methods_by_path,
    needing_store,
    send,
)
from tests.support.creators import EXAMPLE


class ProfilesFail(FailingDao):
    """Fails where it is asked for a profile, and has no documents."""

    def get_document(self, *_: Any) -> None:
        return None

    def put_document(self, *_: Any, **__: Any) -> None:
        """Keeps nothing."""


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
        ("GET", "/health/live"),
        ("GET", "/health/ready"),
        ("GET", METRICS),
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
    found = [call for call in calls(app) if not call[1].startswith(("/health", METRICS))]
    found = [call for call in found if call[1] not in PAGES]
    answers = {call: send(app, *call, Accept="text/html") for call in found}
    told = {call: (each.status_code, each.content_type) for call, each in answers.items()}
    assert told == dict.fromkeys(found, (406, MEDIA_TYPE))


def test_a_store_that_is_away_is_told_to_be_asked_again_later(
    settings: Settings, away: Dao
) -> None:
    app = create_app(settings, away)
    needing = needing_store(app)
    answers = {call: send(app, *call, a_body(call[1])) for call in needing}
    told = {call: (each.status_code, each.content_type) for call, each in answers.items()}
    assert told == dict.fromkeys(needing, (503, MEDIA_TYPE))
    assert all(int(each.headers["Retry-After"]) > 0 for each in answers.values())


def test_a_failure_of_the_service_is_told_in_its_own_words(settings: Settings) -> None:
    app = create_app(settings, FailingDao(RuntimeError("secret")))
    needing = needing_store(app)
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
            if path not in PAGES or answer.status_code >= 400 or method == "OPTIONS":
                assert answer.content_type in told_in(path) or answer.status_code == 204
                assert b"</" not in answer.data


def told_in(path: str) -> set[str]:
    """The media types that answers of a path may have: of the metrics, also that of their text."""
    return JSON_TYPES | ({CONTENT_TYPE_PLAIN_0_0_4} if path == METRICS else set())


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

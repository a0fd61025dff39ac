"""What holds of every route, found by walking the URL map: also of those to come."""

from collections import defaultdict
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.dao.base import ProfileDao
from app.factory import create_app
from app.problems import MEDIA_TYPE
from app.settings import Settings
from tests.api.conftest import client_of, unchanged
from tests.api.failing_dao import FailingDao
from tests.support.client import ApiClient
from tests.support.creators import EXAMPLE, a_tenant

ID = "bruce"
JSON_TYPES = {"application/json", MEDIA_TYPE}
LIVE = "/health/live"


def methods_by_path(app: Flask) -> dict[str, set[str]]:
    """The methods of every path that the URL map has."""
    methods: dict[str, set[str]] = defaultdict(set)
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<customer_id>", ID)
        assert "<" not in path, "fill in the new variable of the path here"
        methods[path] |= rule.methods or set()
    return methods


def calls(app: Flask) -> Iterator[tuple[str, str]]:
    """Every method with every path that has it."""
    for path, methods in methods_by_path(app).items():
        for method in sorted(methods):
            yield method, path


def send(
    app: Flask, method: str, path: str, data: bytes | None = b"{}", **headers: str
) -> TestResponse:
    named = {"X-Genesys-TenantId": str(a_tenant()), "Content-Type": "application/json"} | headers
    return app.test_client().open(path, method=method, data=data, headers=named)


def test_the_walk_finds_the_routes_there_are(app: Flask) -> None:
    assert {
        ("POST", "/profiles"),
        ("GET", f"/profiles/{ID}"),
        ("PUT", f"/profiles/{ID}"),
        ("DELETE", f"/profiles/{ID}"),
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


def test_a_client_that_takes_no_json_gets_no_profile(app: Flask) -> None:
    found = [call for call in calls(app) if call[1].startswith("/profiles")]
    answers = {call: send(app, *call, Accept="text/html") for call in found}
    told = {call: (each.status_code, each.content_type) for call, each in answers.items()}
    assert told == dict.fromkeys(found, (406, MEDIA_TYPE))


def test_a_store_that_is_away_is_told_to_be_asked_again_later(
    settings: Settings, away: ProfileDao
) -> None:
    app = create_app(settings, away)
    needing = [call for call in calls(app) if call[0] != "OPTIONS" and call[1] != LIVE]
    answers = {call: send(app, *call) for call in needing}
    told = {call: (each.status_code, each.content_type) for call, each in answers.items()}
    assert told == dict.fromkeys(needing, (503, MEDIA_TYPE))
    assert all(int(each.headers["Retry-After"]) > 0 for each in answers.values())


def test_a_failure_of_the_service_is_told_in_its_own_words(settings: Settings) -> None:
    app = create_app(settings, FailingDao(RuntimeError("secret")))
    needing = [call for call in calls(app) if call[0] != "OPTIONS" and call[1] != LIVE]
    answers = {call: send(app, *call) for call in needing}
    told = {call: (each.status_code, each.content_type) for call, each in answers.items()}
    assert told == dict.fromkeys(needing, (500, MEDIA_TYPE))
    assert all("secret" not in each.text for each in answers.values())


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
def test_no_answer_is_html(app: Flask, headers: dict[str, str], suffix: str) -> None:
    for method, path in [*calls(app), ("BREW", "/profiles"), ("GET", "")]:
        for data in (None, b"", b"<b>", b"{}"):
            answer = send(app, method, path + suffix, data, **headers)
            assert answer.content_type in JSON_TYPES
            assert b"</" not in answer.data


def test_no_route_shows_or_changes_another_tenant_s_profile(app: Flask) -> None:
    api = client_of(app)
    path = api.created(EXAMPLE | {"customer_id": ID})
    with unchanged(api, path):
        for method, to in calls(app):
            answer = send(app, method, to)
            assert "Bruce" not in answer.text + str(answer.headers)
            assert ID not in to or method == "OPTIONS" or answer.status_code == 404


def test_every_repeated_or_unknown_parameter_is_refused(app: Flask) -> None:
    api = ApiClient(app.test_client(), a_tenant())
    path = api.created(EXAMPLE | {"customer_id": ID})
    with unchanged(api, path):
        for method, to in calls(app):
            if to.startswith("/profiles") and method != "OPTIONS":
                api.send(method, f"{to}?nope=1", {}, expect=400)
                api.send(method, f"{to}?extensions=Vip&extensions=Vip", {}, expect=400)

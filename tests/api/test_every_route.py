"""What holds of every route, found by walking the URL map: also of those to come."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.dao.base import Dao
from app.dao.errors import StoreUnavailable
from app.factory import create_app
from app.problem_body import MEDIA_TYPE
from app.routes.parameters import LISTS
from app.settings import Settings
from tests.api.conftest import client_of, unchanged
from tests.api.failing_dao import FailingDao
from tests.api.routes import (
    ID,
    JSON_TYPES,
    LIVE,
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
    send_target,
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
            for name in names - LISTS:
                refused = api.send(method, f"{to}?{name}=1&{name}=1", a_body(to), expect=400)
                told = api.faults(refused)
                known = name in PARAMETERS.get((method, to), set())
                reason = "is given more than once" if known else "is not a parameter here"
                assert told == {name: reason} or (method, to, known) == ("GET", "/profiles", False)


def beside(path: str) -> Iterator[str]:
    """What a proxy may take for something else than ``path``, and a careless server for it."""
    yield from ("/" + path, "//" + path, "/%2F" + path[1:], "%2f" + path)
    for place, letter in enumerate(path):
        if letter == "/" and place:
            for twice in ("//", "%2F", "%2f", "/%2F"):
                yield path[:place] + twice + path[place + 1 :]


def test_no_route_is_served_beside_its_path(app: Flask) -> None:
    for method, path in calls(app):
        for other in beside(path):
            answer = send_target(app, method, other, a_body(path))
            told = (method, other, answer.status_code, answer.content_type)
            assert told == (method, other, 404, MEDIA_TYPE)


@pytest.mark.parametrize("path", ["//", "///", "/%2F", "/%2f%2F", "//%2f"])
def test_nothing_is_served_at_slashes_alone(app: Flask, path: str) -> None:
    assert send_target(app, "GET", path).status_code == 404


def test_an_encoded_slash_in_a_query_string_is_a_slash(app: Flask) -> None:
    client_of(app).get("/profiles?EmailAddress=a%2Fb")


def without(method: str, path: str, *names: str, **changed: str) -> dict[str, Any]:
    """The environment of a request, as a server makes it that does not tell ``names``."""
    environ = EnvironBuilder(path, method=method).get_environ() | changed
    return {name: value for name, value in environ.items() if name not in names}


def status_of(app: Flask, environ: dict[str, Any]) -> tuple[str, str]:
    """The status of the answer, and its problem, if it is one."""
    body, status, headers = run_wsgi_app(app, environ)
    refused = headers["Content-Type"] == MEDIA_TYPE
    return status.partition(" ")[0], b"".join(body).decode() if refused else ""


@pytest.mark.parametrize("told", ["RAW_URI", "REQUEST_URI"])
def test_an_encoded_slash_is_seen_whatever_the_server_calls_the_target(
    app: Flask, told: str
) -> None:
    hidden = {"RAW_URI", "REQUEST_URI"} - {told}
    environ = without("GET", "/health%2Flive", *hidden)
    assert environ["PATH_INFO"] == "/health/live"
    assert status_of(app, environ)[0] == "404"


def test_without_the_target_as_it_was_sent_the_decoded_path_counts(app: Flask) -> None:
    for path, status in (("//metrics", "404"), ("/health//live", "404"), ("/metrics", "200")):
        environ = without("GET", "/", "RAW_URI", "REQUEST_URI", PATH_INFO=path)
        assert status_of(app, environ)[0] == status


@pytest.mark.parametrize("target", ["http://a.example/health/live?x=%2F", "/health/live#%2F"])
def test_a_target_may_have_any_form_of_http(app: Flask, target: str) -> None:
    environ = without("GET", "/health/live", RAW_URI=target, REQUEST_URI=target)
    assert status_of(app, environ)[0] == "200"


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            " ",
            "a,b",
            "a, b",
            "a b",
            "a\tb",
            "user@a",
            "user:pw@a",
            "a/b",
            "a?b",
            "a#b",
            "a\\b",
        ),
        *("a:x", "a:1:2", "a:-1", "a:65536", "a:+1", "a: 1", ":80", "http://a", "a%41", "<b>"),
        *("[::1", "::1", "[::1]x", "[::g]", "[1.2.3.4]", "[]", "[fe80::1%25eth0]", "ä", "a" * 256),
    ],
)
def test_no_route_takes_a_malformed_host(app: Flask, host: str) -> None:
    for method, path in calls(app):
        answer = send(app, method, path, a_body(path), Host=host)
        assert (method, path, answer.status_code) == (method, path, 400)
        if method != "HEAD":
            assert answer.json is not None
            assert answer.json["code"] == "invalid_host"
            assert [fault["header"] for fault in answer.json["errors"]] == ["Host"]


@pytest.mark.parametrize(
    "host",
    [
        *("a", "A.example", "a.example.", "a:", "a:80", "a:65535", "127.0.0.1:8080", "[::1]"),
        *("[2001:db8::1]:443", "profiles_web:8080", "xn--bcher-kva.example", "a-b~c"),
    ],
)
def test_a_host_is_a_name_or_an_address_and_maybe_a_port(app: Flask, host: str) -> None:
    assert send(app, "GET", LIVE, None, Host=host).status_code == 200


def test_only_http_1_1_needs_a_host(app: Flask) -> None:
    for method, path in calls(app):
        environ = without(method, path, "HTTP_HOST")
        status, problem = status_of(app, environ)
        assert (method, path, status) == (method, path, "400")
        assert method == "HEAD" or '"code":"invalid_host"' in problem
    for version in ("HTTP/1.0", "HTTP/2"):
        told = status_of(app, without("GET", LIVE, "HTTP_HOST", SERVER_PROTOCOL=version))
        assert told == ("200", "")


def test_what_an_answer_is_may_not_be_guessed(app: Flask) -> None:
    for method, path in [*calls(app), ("BREW", "/profiles"), ("GET", "/nowhere")]:
        for data in (None, b"{", a_body(path)):
            answer = send(app, method, asked(method, path), data)
            assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"], (method, path)


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", METRICS])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_what_holds_for_a_moment_is_kept_by_nobody(app: Flask, method: str, path: str) -> None:
    assert send(app, method, path).headers["Cache-Control"] == "no-store"

"""Rate limits over HTTP, with the clock in the test's hands."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.access.rates import NANOSECONDS, Limiter
from app.factory import create_app
from app.parts import GATE
from app.settings import Settings
from tests.api.conftest import METHODS
from tests.api.failing_dao import FailingDao
from tests.api.routes import ONE, send
from tests.support.access import KEY, PASSWORD, access_file, basic, credentials, wrong_credentials

LIMIT = 3
Limited = Callable[..., Flask]


class Clock:
    now = 10**15

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limited(settings: Settings, tmp_path: Path, clock: Clock) -> Limited:
    """Makes a service, whose store is never asked, with that many requests a second."""

    def make(methods: tuple[str, ...] = METHODS) -> Flask:
        changed = replace(settings, rate_limit=LIMIT, auth=methods)
        changed = replace(changed, auth_file=access_file(tmp_path))
        app = create_app(changed, FailingDao(RuntimeError("asked")))
        assert app.extensions[GATE].limiter.spend("anna").limit == LIMIT
        app.extensions[GATE].limiter = Limiter(LIMIT, clock)
        return app

    return make


def ask(app: Flask, headers: dict[str, str], address: str = "10.0.0.1") -> TestResponse:
    named = {"X-Genesys-TenantId": "1", **headers}
    return app.test_client().get(ONE, headers=named, environ_base={"REMOTE_ADDR": address})


def told(answer: TestResponse) -> list[str] | None:
    """The limit, what remains, and the seconds until all is back; None: nothing is told."""
    fields = [answer.headers.get(name) for name in ("RateLimit-Policy", "RateLimit")]
    if fields == [None, None]:
        return None
    found = re.fullmatch(
        r'"requests";q=(\d+);w=1 "requests";r=(\d+);t=(\d+)', " ".join(map(str, fields))
    )
    assert found, fields
    return list(found.groups())


@pytest.mark.parametrize("how", METHODS)
def test_every_answer_tells_what_is_left(limited: Limited, how: str) -> None:
    app, given = limited(), credentials()[how]
    answers = [ask(app, given) for _ in range(LIMIT)]
    assert [answer.status_code for answer in answers] == [500] * LIMIT
    assert [told(answer) for answer in answers] == [["3", str(left), "1"] for left in (2, 1, 0)]


def test_beyond_the_limit_it_is_told_when_to_go_on(limited: Limited, clock: Clock) -> None:
    app = limited()
    refused = [ask(app, credentials()["api_key"]) for _ in range(LIMIT + 1)][-1]
    problem: Any = refused.json
    assert (refused.status_code, problem["code"]) == (429, "too_many_requests")
    assert (refused.headers["Retry-After"], told(refused)) == ("1", ["3", "0", "1"])
    clock.now += NANOSECONDS
    assert ask(app, credentials()["api_key"]).status_code == 500


def test_callers_are_limited_one_by_one_wherever_they_come_from(limited: Limited) -> None:
    app = limited()
    for address in ("10.0.0.1", "10.0.0.2"):
        for _ in range(LIMIT):
            ask(app, credentials()["api_key"], address)
    assert ask(app, credentials()["api_key"], "10.0.0.3").status_code == 429
    assert ask(app, credentials()["jwt"], "10.0.0.1").status_code == 500


def test_without_authentication_addresses_are_limited(limited: Limited) -> None:
    app = limited(())
    statuses = [ask(app, {}, address).status_code for address in ["10.0.0.1"] * 4 + ["10.0.0.2"]]
    assert statuses == [500, 500, 500, 429, 500]
    assert told(ask(app, {}, "10.0.0.3")) == ["3", "2", "1"]


@pytest.mark.parametrize("how", METHODS)
def test_guesses_are_limited_by_address_and_tell_nothing(limited: Limited, how: str) -> None:
    app = limited()
    answers = [ask(app, wrong_credentials()[how]) for _ in range(LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [401] * LIMIT + [429]
    assert [told(answer) for answer in answers] == [None] * (LIMIT + 1)
    assert ask(app, wrong_credentials()[how], "10.0.0.2").status_code == 401


def test_who_is_known_is_not_kept_out_by_the_guesses_of_others(limited: Limited) -> None:
    app = limited()
    assert ask(app, credentials()["basic"]).status_code == 500
    for _ in range(LIMIT + 1):
        ask(app, wrong_credentials()["basic"])
    assert [ask(app, given).status_code for given in credentials().values()] == [500] * 3


def test_after_too_many_guesses_no_password_is_checked(limited: Limited) -> None:
    app = limited()
    for number in range(LIMIT):
        ask(app, {"Authorization": basic("anna", f"guess {number}")})
    assert ask(app, credentials()["basic"]).status_code == 429
    assert ask(app, credentials()["basic"], "10.0.0.2").status_code == 500


def test_a_password_that_is_remembered_is_not_told_to_others_beyond_the_limit(
    limited: Limited,
) -> None:
    app = limited()
    assert ask(app, credentials()["basic"], "10.0.0.1").status_code == 500
    for _ in range(LIMIT + 1):
        ask(app, {"Authorization": "x"}, "10.0.0.2")
        ask(app, {"Authorization": basic("anna", "guess")}, "10.0.0.2")
    guesses = [basic("anna", each) for each in ("guess", PASSWORD, "another")]
    statuses = {ask(app, {"Authorization": each}, "10.0.0.2").status_code for each in guesses}
    assert statuses == {429}
    assert ask(app, credentials()["basic"], "10.0.0.1").status_code == 500


def test_who_names_nobody_is_not_told_the_password_of_somebody(limited: Limited) -> None:
    app = limited()
    assert ask(app, credentials()["basic"]).status_code == 500
    guesses = [basic("nobody", each) for each in ("guess", PASSWORD) * LIMIT]
    statuses = [ask(app, {"Authorization": each}, "10.0.0.2").status_code for each in guesses]
    assert statuses == [401] * LIMIT + [429] * LIMIT


REFUSED = {"nothing": {}, "no_scheme": {"Authorization": "x"}, **wrong_credentials()}


@pytest.mark.parametrize("what", REFUSED)
def test_refusals_keep_nobody_else_at_their_address_out(limited: Limited, what: str) -> None:
    app, refused = limited(), REFUSED[what]
    for _ in range(LIMIT * 5):
        ask(app, refused)
    assert ask(app, refused).status_code == 429
    assert ask(app, {"Authorization": basic("bob", PASSWORD)}).status_code == 500


UNASKED = [
    ("OPTIONS", "/metadata/profiles"),
    ("GET", "/no"),
    ("BREW", ONE),
    ("POST", "/health/live"),
    ("GET", "/docs"),
    ("GET", "/docs/x/swagger-ui.css"),
]


@pytest.mark.parametrize(("method", "path"), UNASKED)
@pytest.mark.parametrize("methods", [METHODS, ()])
def test_what_asks_nobody_who_it_is_is_limited_by_address(
    limited: Limited, clock: Clock, methods: tuple[str, ...], method: str, path: str
) -> None:
    app = limited(methods)

    def call(address: str = "10.0.0.1") -> TestResponse:
        client = app.test_client()
        return client.open(path, method=method, environ_base={"REMOTE_ADDR": address})

    answers = [call() for _ in range(LIMIT + 1)]
    assert len({answer.status_code for answer in answers[:-1]}) == 1
    assert answers[0].status_code in {200, 404, 405}
    assert [told(answer) for answer in answers] == [["3", str(left), "1"] for left in (2, 1, 0, 0)]
    assert (answers[-1].status_code, answers[-1].headers["Retry-After"]) == (429, "1")
    assert call("10.0.0.2").status_code == answers[0].status_code
    clock.now += NANOSECONDS
    assert call().status_code == answers[0].status_code


def test_what_asks_nobody_takes_nothing_from_those_who_are_known(limited: Limited) -> None:
    app = limited()
    for _ in range(LIMIT * 2):
        app.test_client().get("/no", environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert [ask(app, given).status_code for given in credentials().values()] == [500] * 3


def test_health_is_not_limited(limited: Limited) -> None:
    app = limited(())
    for method in ("GET", "HEAD", "OPTIONS"):
        answers = [send(app, method, "/health/live", None) for _ in range(LIMIT * 3)]
        assert [answer.status_code for answer in answers] == [200] * (LIMIT * 3)
        assert [told(answer) for answer in answers] == [None] * (LIMIT * 3)


def test_without_a_limit_nothing_is_told_of_one(app: Flask) -> None:
    assert told(send(app, "GET", "/metadata/profiles", None, **{"X-API-Key": KEY})) is None

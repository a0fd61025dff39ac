"""Every documented request has the documented answer, on both stores."""

import os
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from app.dao.base import Dao
from app.factory import create_app
from app.http_problems import HTTP_PROBLEMS
from app.problem_kinds import PROBLEMS
from app.settings import Settings, read_settings
from tests.compat.exchange import Exchange, read_exchanges
from tests.compat.service import FOLDER, Service

FILES = {file.stem: read_exchanges(file) for file in sorted((FOLDER / "exchanges").glob("*.http"))}
EVERY = [exchange for exchanges in FILES.values() for exchange in exchanges]

# Refusals that take a failing or busy store or issuer, a real server, a clock that stands
# still, or more than fits into a file.
NOT_SHOWN = {
    "answer_too_large",
    "authentication_unavailable",
    "bad_request",
    "deadline_exceeded",
    "definition_changed",
    "headers_too_large",
    "internal_error",
    "migrations_pending",
    "not_implemented",
    "outcome_unknown",
    "overloaded",
    "path_too_long",
    "profile_too_large",
    "request_timeout",
    "store_busy",
    "store_unavailable",
    "too_many_requests",
}

# Not those below a base path, which are shown there.
SHOWN = ("/profiles", "/metadata", "/server", "/openapi.json", "/docs")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The defaults, whatever the environment says."""
    for name in [each for each in os.environ if each.startswith("PROFILES_")]:
        monkeypatch.delenv(name)
    return read_settings()


@pytest.fixture
def service(settings: Settings, dao: Dao) -> Iterator[Service]:
    service = Service(settings, dao)
    yield service
    service.close()


@pytest.mark.parametrize("name", FILES)
def test_the_answers_are_the_documented_ones(service: Service, name: str) -> None:
    assert FILES[name]
    for exchange in FILES[name]:
        service.run(exchange)


def test_every_route_succeeds_in_some_exchange(settings: Settings) -> None:
    app = create_app(settings)
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    shown = succeeding(app)
    assert {each for each in routes if not each.startswith(("health.", "watching."))} == shown


def test_every_refusal_is_shown_by_some_exchange() -> None:
    known = {problem.code for problem in (*PROBLEMS.values(), *HTTP_PROBLEMS.values())}
    shown = {exchange.code for exchange in EVERY if exchange.code}
    assert shown.isdisjoint(NOT_SHOWN)
    assert shown | NOT_SHOWN == known


def succeeding(app: Flask) -> set[str]:
    """The routes that succeed in some exchange."""
    paths = app.url_map.bind("localhost")
    return {
        paths.match(*_path_and_method(exchange))[0]
        for exchange in EVERY
        if exchange.status < 400 and _path_and_method(exchange)[0].startswith(SHOWN)
    }


def _path_and_method(exchange: Exchange) -> tuple[str, str]:
    """With an id for each name; what follows a name of a page is its path."""
    method, path = exchange.request.first.split(" ")
    return re.sub(r"\$\{\w+\}", "x", path.partition("?")[0]), method

"""CORS: what a page of another origin is told."""

from dataclasses import replace

import pytest
from flask import Flask

from app.dao.base import Dao
from app.factory import create_app
from app.settings import read_settings
from tests.api.routes import send

DESK, PORTAL, STRANGER = "https://desk.example", "http://localhost:3000", "https://evil.example"
ALLOWED = "Access-Control-Allow-Origin"


def application(dao: Dao, *origins: str) -> Flask:
    return create_app(replace(read_settings(), cors_origins=origins), dao)


@pytest.mark.parametrize("origin", [DESK, PORTAL])
@pytest.mark.parametrize("path", ["/profiles/nobody", "/nowhere", "/health/live"])
def test_a_page_of_an_origin_that_is_named_may_read_answers_and_refusals(
    dao: Dao, origin: str, path: str
) -> None:
    answer = send(application(dao, DESK, PORTAL), "GET", path, None, Origin=origin)
    assert answer.headers[ALLOWED] == origin
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Link", "Location", "Retry-After", "X-Request-Id"} < set(exposed)
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin", [STRANGER, f"{DESK}.evil.example", f"{DESK}:8443", "http://desk.example", "null"]
)
def test_a_page_of_another_origin_may_not(dao: Dao, origin: str) -> None:
    answer = send(application(dao, DESK, PORTAL), "GET", "/profiles/nobody", None, Origin=origin)
    assert ALLOWED not in answer.headers


def test_a_preflight_is_answered_without_credentials(dao: Dao) -> None:
    asked = {
        "Origin": DESK,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "if-match,content-type,x-api-key",
    }
    settings = replace(read_settings(), cors_origins=(DESK,), auth=("api_key",))
    answer = send(create_app(settings, dao), "OPTIONS", "/profiles/bruce", None, **asked)
    assert answer.status_code == 200
    assert answer.headers[ALLOWED] == DESK
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert set(allowed) == {"if-match", "content-type", "x-api-key"}
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize("headers", [{}, {"Origin": DESK}, {"Origin": STRANGER}])
def test_caches_are_told_that_the_answer_depends_on_the_origin(
    dao: Dao, headers: dict[str, str]
) -> None:
    answer = send(application(dao, DESK), "GET", "/profiles/nobody", None, **headers)
    assert "Origin" in answer.vary


def test_without_the_setting_nothing_is_told(dao: Dao) -> None:
    answer = send(application(dao), "GET", "/profiles/nobody", None, Origin=DESK)
    assert ALLOWED not in answer.headers
    assert "Origin" not in answer.vary

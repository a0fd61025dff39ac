"""Mode and status of the server, shared by all who serve from one store."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.dao.base import Dao
from app.factory import create_app
from app.settings import Settings
from tests.api.conftest import client_of
from tests.support.client import ApiClient
from tests.support.server import wait_until


@pytest.fixture
def served(app: Flask) -> Iterator[ApiClient]:
    """A client of a server that is in production again at the end."""
    client = client_of(app)
    yield client
    set_mode(client, "production")


@pytest.fixture
def other(settings: Settings, dao: Dao) -> ApiClient:
    """A client of another server on the same store."""
    return client_of(create_app(settings, dao))


def set_mode(client: ApiClient, mode: Any, expect: int = 200) -> Any:
    return client.send("POST", "/server/mode", {"mode": mode}, expect=expect)


def status(client: ApiClient) -> dict[str, Any]:
    found: Any = client.get("/server/status").json
    return dict(found)


def test_in_maintenance_profiles_are_not_served_by_any_server(
    served: ApiClient, other: ApiClient
) -> None:
    other.get("/profiles/x", expect=404)
    answer = set_mode(served, "maintenance")
    assert answer.json == {"server changed": "maintenance"}
    assert answer.headers["Location"] == "/server/status"
    wait_until(lambda: status(other)["mode"] == "maintenance", patience=1)
    for client in (served, other):
        refused = client.get("/profiles/x", expect=503)
        assert refused.json["code"] == "maintenance"  # type: ignore[index]
        assert refused.headers["Retry-After"]
        client.post({}, expect=503)
        client.get("/profiles?PhoneNumber=1", expect=503)
        client.get("/metadata/profiles")
        client.get("/health/ready")
    set_mode(other, "production")
    wait_until(lambda: status(served)["mode"] == "production", patience=1)
    served.get("/profiles/x", expect=404)


@pytest.mark.parametrize("mode", ["closed", 1, None])
def test_another_mode_is_refused(served: ApiClient, mode: Any) -> None:
    refused = set_mode(served, mode, expect=400)
    assert list(served.faults(refused)) == ["/mode"]
    assert status(served)["mode"] == "production"


def test_requests_are_counted_over_all_servers(served: ApiClient, other: ApiClient) -> None:
    status(other)
    before = status(served)
    other.get("/profiles/x", expect=404)
    status(other)
    after = status(served)
    assert after["request_today"] == before["request_today"] + 3
    assert after["client_errors_today"] == before["client_errors_today"] + 1
    assert after["server_errors_today"] == before["server_errors_today"]
    assert before["started"] <= before["last_request"] <= after["last_request"]
    assert after["last_request"] <= after["system_time"]


def test_memory_is_told_in_kilobytes(served: ApiClient) -> None:
    told = status(served)
    assert 0 < told["used_memory"] <= told["allocated_memory"] < told["max_memory"]
    assert 0 < told["free_memory"] < told["max_memory"]


def test_what_the_server_refuses_in_maintenance_is_an_error_of_the_server(
    served: ApiClient,
) -> None:
    set_mode(served, "maintenance")
    before = status(served)
    served.get("/profiles/x", expect=503)
    set_mode(served, "closed", expect=400)
    after = status(served)
    counts = ("request_today", "client_errors_today", "server_errors_today")
    assert [after[name] - before[name] for name in counts] == [3, 1, 1]


def test_the_mode_is_kept_for_a_server_that_starts_later(
    served: ApiClient, settings: Settings, dao: Dao
) -> None:
    set_mode(served, "maintenance")
    later = client_of(create_app(settings, dao))
    later.get("/profiles/x", expect=503)
    assert status(later)["mode"] == "maintenance"

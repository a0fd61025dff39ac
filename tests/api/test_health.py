"""Health: whether the process lives, and whether it can serve."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.dao.base import Dao
from app.dao.cassandra.migrations import runner
from app.factory import create_app
from app.settings import CassandraStore, EmbeddedStore, Settings, StoreAddress, store_address
from app.stores import open_dao
from tests.api.conftest import client_of
from tests.api.failing_dao import FailingDao
from tests.conftest import drop_keyspace
from tests.support.client import ApiClient


def cassandra_without_migrations(request: pytest.FixtureRequest) -> Iterator[CassandraStore]:
    host = request.getfixturevalue("cassandra_host")
    address = store_address(f"cassandra://{host}/test_{uuid4().hex}?replication=1")
    assert isinstance(address, CassandraStore)
    runner.migrate(address, migrations=())
    yield address
    drop_keyspace(address)


def embedded_without_migrations(request: pytest.FixtureRequest) -> Iterator[EmbeddedStore]:
    folder: Path = request.getfixturevalue("folder")
    (folder / "profiles.db").touch()
    yield EmbeddedStore(folder / "profiles.db")


@pytest.fixture(params=[embedded_without_migrations, cassandra_without_migrations])
def unprepared(request: pytest.FixtureRequest) -> Iterator[Dao]:
    """A store that answers, and lacks migrations."""
    addresses: Iterator[StoreAddress] = request.param(request)
    dao = open_dao(next(addresses))
    yield dao
    dao.close()
    assert next(addresses, None) is None


def test_a_prepared_store_is_ready(api: ApiClient) -> None:
    told = api.get("/health/ready").json
    assert told
    assert told.pop("store").split()[0] in {"SQLite", "Apache"}
    assert told == {"status": "ready", "migrations": "current"}


def test_a_store_that_lacks_migrations_is_not_ready_and_stays_so(
    settings: Settings, unprepared: Dao
) -> None:
    api = client_of(create_app(settings, unprepared))
    for _ in range(2):
        refused = api.get("/health/ready", expect=503)
        assert refused.json
        assert refused.json["code"] == "migrations_pending"
        assert int(refused.headers["Retry-After"]) > 0


def test_a_store_that_is_away_is_not_ready(settings: Settings, away: Dao) -> None:
    refused = client_of(create_app(settings, away)).get("/health/ready", expect=503)
    assert refused.json
    assert refused.json["code"] == "store_unavailable"
    assert int(refused.headers["Retry-After"]) > 0


def test_the_process_lives_while_its_store_is_away(settings: Settings, away: Dao) -> None:
    api = client_of(create_app(settings, away))
    assert api.get("/health/live").json == {"status": "alive"}


def test_living_touches_no_store(settings: Settings) -> None:
    api = client_of(create_app(settings, FailingDao(RuntimeError("touched"))))
    api.get("/health/ready", expect=500)
    api.get("/health/live")


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_told_to_any_client(api: ApiClient, path: str) -> None:
    for headers in ({}, {"Accept": "text/html"}, {"X-Genesys-TenantId": "x"}):
        assert api.get(path, expect=200, **headers).content_type == "application/json"
    assert api.send("HEAD", path, expect=200).data == b""

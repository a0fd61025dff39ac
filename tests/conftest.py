"""Stores for the tests that ask for one: every such test runs on each store."""

import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app import stores
from app.application import ProfilesApp
from app.dao.base import Dao
from app.dao.cassandra.connection import open_session
from app.settings import CassandraStore, EmbeddedStore, StoreAddress, store_address
from tests.support.cassandra import any_cassandra
from tests.support.checked import CheckedClient

ProfilesApp.test_client_class = CheckedClient
STORES = ("embedded", "cassandra")


def pytest_configure() -> None:
    """A run in the background begins with Ctrl-C ignored, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def cassandra_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``HOST:PORT`` of the Cassandra that all tests share."""
    with any_cassandra(tmp_path_factory.mktemp("cassandra")) as address:
        yield address


@pytest.fixture(scope="session")
def keyspace_address(cassandra_host: str) -> Iterator[CassandraStore]:
    """A keyspace of this run, not made yet, dropped at the end."""
    address = store_address(f"cassandra://{cassandra_host}/test_{uuid4().hex}")
    assert isinstance(address, CassandraStore)
    yield address
    drop_keyspace(address)


@pytest.fixture(scope="session")
def cassandra_address(keyspace_address: CassandraStore) -> CassandraStore:
    stores.migrate(keyspace_address)
    return keyspace_address


@pytest.fixture(scope="session")
def embedded_address(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    address = EmbeddedStore(tmp_path_factory.mktemp("embedded") / "profiles.db")
    stores.migrate(address)
    return address


@pytest.fixture(scope="session", params=STORES)
def address(request: pytest.FixtureRequest) -> StoreAddress:
    """The address of a prepared store: of each, one after the other."""
    found: StoreAddress = request.getfixturevalue(f"{request.param}_address")
    return found


@pytest.fixture(scope="session")
def dao(address: StoreAddress) -> Iterator[Dao]:
    opened = stores.open_dao(address)
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def drop_keyspace(address: CassandraStore) -> None:
    cluster, session = open_session(address, None)
    session.execute(f"DROP KEYSPACE IF EXISTS {address.keyspace}", timeout=60)
    cluster.shutdown()

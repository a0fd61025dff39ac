"""A store that is away or not prepared: every method says so in the DAO's words."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from app.dao.base import Dao
from app.dao.cassandra.connection import open_session
from app.dao.errors import StoreNotPrepared, StoreUnavailable
from app.dao.values import DocumentKey
from app.settings import CassandraStore, EmbeddedStore, StoreAddress
from app.stores import open_dao
from local_cassandra.cluster import free_port
from tests.conftest import drop_keyspace
from tests.contract.steps import committed, read
from tests.support.creators import a_change, a_claim, a_key, a_tenant

KEY = DocumentKey(1, "kind")
CALLS: dict[str, Callable[[Dao], object]] = {
    "get": lambda dao: dao.get(a_key()),
    "get_many": lambda dao: dao.get_many(a_tenant(), ["a", "b"]),
    "commit": lambda dao: dao.commit(a_change(a_key(), entries=[a_claim()])),
    "past": lambda dao: dao.past(a_key(), 2, 1),
    "find": lambda dao: dao.find(a_tenant(), "Email", b"value"),
    "scan": lambda dao: dao.scan(a_tenant(), None, 1),
    "get_document": lambda dao: dao.get_document(KEY),
    "list_documents": lambda dao: dao.list_documents(1, "kind"),
    "list_scopes": lambda dao: dao.list_scopes("kind"),
    "put_document": lambda dao: dao.put_document(KEY, b"", expected=None, tag=uuid4()),
    "delete_document": lambda dao: dao.delete_document(KEY, uuid4()),
    "status": lambda dao: dao.status(),
    "examine": lambda dao: dao.examine(),
}
EMPTY_KEYSPACE = (
    "CREATE KEYSPACE %s WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
)


def test_every_method_that_asks_the_store_is_called_here() -> None:
    assert set(CALLS) == Dao.__abstractmethods__ - {"close", "late_seconds", "pools"}


@pytest.fixture(params=["missing file", "no database", "no node", "no keyspace"])
def absent(request: pytest.FixtureRequest, tmp_path: Path) -> StoreAddress:
    path = tmp_path / "profiles.db"
    if request.param == "no node":
        return CassandraStore(("127.0.0.1",), free_port(), "profiles", "datacenter1")
    if request.param == "no keyspace":
        return _on(request, "not_there")
    if request.param == "no database":
        path.write_bytes(b"this is no database" * 1000)
    return EmbeddedStore(path)


@pytest.fixture(params=["no tables in the file", "no tables in the keyspace"])
def unprepared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreAddress]:
    if "file" in request.param:
        (tmp_path / "profiles.db").touch()
        yield EmbeddedStore(tmp_path / "profiles.db")
        return
    address = _on(request, "test_without_tables")
    cluster, session = open_session(address, None)
    session.execute(EMPTY_KEYSPACE % address.keyspace, timeout=60)
    cluster.shutdown()
    yield address
    drop_keyspace(address)


@pytest.mark.parametrize("method", CALLS)
def test_every_method_of_an_absent_store_says_that_it_is_unavailable(
    absent: StoreAddress, method: str
) -> None:
    dao = open_dao(absent)
    with pytest.raises(StoreUnavailable):
        CALLS[method](dao)
    dao.close()


@pytest.mark.parametrize("method", CALLS.keys() - {"status", "examine"})
def test_a_store_without_tables_says_that_it_is_not_prepared(
    unprepared: StoreAddress, method: str
) -> None:
    dao = open_dao(unprepared)
    with pytest.raises(StoreNotPrepared):
        CALLS[method](dao)
    dao.close()


def test_a_store_without_tables_tells_its_pending_migrations(unprepared: StoreAddress) -> None:
    dao = open_dao(unprepared)
    third = "0003_receipt" if isinstance(unprepared, EmbeddedStore) else "0003_slow_replicas"
    assert dao.status().pending_migrations == ("0001_profile", "0002_identity", third)
    dao.close()


def test_a_change_that_fails_in_the_middle_changes_nothing(dao: Dao) -> None:
    one = a_change(a_key(), attributes={"a": 1}, records={"A": [1]})
    stored = committed(dao, one)
    broken = a_change(one.key, stored, attributes={"a": 2}, records={"A": [2], "B": []})
    object.__setattr__(broken, "records", {"A": b"[2]", "B": 5})
    with pytest.raises((StoreUnavailable, TypeError)):
        dao.commit(broken)
    after = read(dao, one.key, "A", "B")
    assert (after.version, after.attributes) == (one.version, b'{"a": 1}')
    assert after.extensions == {"A": b"[1]"}


def _on(request: pytest.FixtureRequest, keyspace: str) -> CassandraStore:
    host, _, port = request.getfixturevalue("cassandra_host").partition(":")
    return CassandraStore((host,), int(port), keyspace, "datacenter1")


def test_threads_do_not_wait_for_a_node_that_accepts_and_says_nothing() -> None:
    """Only the one that connects waits; the driver gives up after its own time."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=64) as silent,
        ThreadPoolExecutor(4) as pool,
    ):
        port = silent.getsockname()[1]
        dao = open_dao(CassandraStore(("127.0.0.1",), port, "profiles", "datacenter1"))
        calls = [pool.submit(dao.status) for _ in range(4)]
        told = [str(call.exception()) for call in calls]
        dao.close()
    assert told.count("another caller is still connecting") == 3

"""What only the embedded store has: transactions of threads, and rows that expire."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from app.dao.embedded.connection import Connections, connect
from app.dao.embedded.dao import EmbeddedDao
from app.dao.embedded.identity import SELECT_ENTRIES, SELECT_HOLDER
from app.dao.embedded.migrations import migrate
from app.dao.embedded.profiles import FIND, SELECT_PROFILE
from app.dao.errors import StoreUnavailable
from tests.support.creators import a_change, a_key


@pytest.fixture
def path(tmp_path: Path) -> Path:
    migrate(tmp_path / "profiles.db")
    return tmp_path / "profiles.db"


@pytest.fixture
def connections(path: Path) -> Iterator[Connections]:
    opened = Connections(path)
    yield opened
    opened.close()


class Interrupted(BaseException):
    """Like KeyboardInterrupt, but of this test alone."""


@pytest.mark.parametrize("error", [Interrupted(), RuntimeError(), apsw.FullError()])
def test_no_transaction_is_left_behind_whatever_is_raised_in_it(
    connections: Connections, error: BaseException
) -> None:
    with pytest.raises((Interrupted, RuntimeError, StoreUnavailable)):
        with connections.transaction() as connection:
            connection.execute("DELETE FROM profile")
            raise error
    with connections.transaction() as connection:
        assert connection.in_transaction


def test_a_connection_that_cannot_undo_is_replaced(connections: Connections) -> None:
    def refuse(operation: int, *_: object) -> int:
        return apsw.SQLITE_DENY if operation == apsw.SQLITE_TRANSACTION else apsw.SQLITE_OK

    with pytest.raises(RuntimeError), connections.transaction() as connection:
        connection.authorizer = refuse
        raise RuntimeError
    with connections.transaction() as another:
        assert another is not connection


def test_a_file_that_is_protected_is_opened_when_it_no_longer_is(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection would stay one that only reads, and with it all others of the process."""
    monkeypatch.setattr(apsw, "SQLITE_OPEN_READWRITE", apsw.SQLITE_OPEN_READONLY)
    with pytest.raises(StoreUnavailable):
        connections.of_this_thread()
    monkeypatch.undo()
    with connections.transaction() as connection:
        connection.execute("DELETE FROM profile")


def test_each_thread_has_its_own_connection(connections: Connections) -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(connections.of_this_thread()))
    thread.start()
    thread.join()
    assert found[0] is not connections.of_this_thread()


def test_a_read_is_compiled_once_for_all_profiles(connections: Connections) -> None:
    """SQLite asks the authorizer whenever it compiles a statement."""
    connection, compiled = connections.of_this_thread(), list[int]()

    def allow(operation: int, *_: object) -> int:
        compiled.append(operation)
        return apsw.SQLITE_OK

    connection.authorizer = allow
    connection.execute(SELECT_PROFILE % "", (1, "a")).fetchall()
    assert compiled
    compiled.clear()
    connection.execute(SELECT_PROFILE % "", (2, "b")).fetchall()
    assert not compiled


def test_expired_past_rows_go_with_writes_of_any_profile(path: Path) -> None:
    dao, file = EmbeddedDao(path), connect(path)
    gone = a_change(a_key(), attributes={"LastName": "Banner"})
    dao.commit(gone)
    file.execute("UPDATE past SET expires_at = 0")
    dao.commit(a_change(a_key(), keep_past_for=0))
    assert file.execute("SELECT count(*) FROM past").fetchone() == (0,)
    dao.close()
    file.close()


def test_a_write_that_was_answered_is_in_the_file_for_any_reader(path: Path) -> None:
    dao = EmbeddedDao(path)
    dao.commit(a_change(a_key(), attributes={"a": 1}))
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as reader:
        rows = reader.execute("SELECT attributes FROM profile").fetchall()
    reader.close()
    dao.close()
    assert rows == [(b'{"a": 1}',)]


def test_no_statement_of_a_write_goes_through_a_whole_tenant(path: Path) -> None:
    file = connect(path)
    for statement, columns in (
        (SELECT_ENTRIES, "tenant=? AND customer_id=? AND part=?"),
        (SELECT_HOLDER, "tenant=? AND key=? AND value=?"),
        (FIND, "tenant=? AND key=? AND value=?"),
    ):
        values = [None] * statement.count("?")
        plan = [row[-1] for row in file.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert any(columns in step for step in plan), plan
    file.close()

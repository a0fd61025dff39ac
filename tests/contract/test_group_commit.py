"""Changes that share a transaction in the embedded store: each is applied or refused by itself."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import apsw
import pytest

from app.concurrency import deadline
from app.dao.embedded.connection import Connections
from app.dao.embedded.group_commit import GroupCommit
from app.dao.embedded.migrations import migrate
from app.dao.errors import DeadlineExceeded, OutcomeUnknown, StoreUnavailable, VersionConflict
from tests.support.server import wait_until

Work = Callable[[apsw.Connection], None]


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[Connections]:
    path = tmp_path / "profiles.db"
    migrate(path)
    opened = Connections(path)
    yield opened
    opened.close()


def writing(number: int) -> Work:
    def write(connection: apsw.Connection) -> None:
        statement = "INSERT INTO document VALUES (?, 'test', '', x'', NULL, x'')"
        connection.execute(statement, (number,))

    return write


def refused(connection: apsw.Connection) -> None:
    writing(-1)(connection)
    raise VersionConflict


def broken(connection: apsw.Connection) -> None:
    connection.execute("INSERT INTO nothing VALUES (1)")


def stopped(_: apsw.Connection) -> None:
    raise KeyboardInterrupt


@contextmanager
def busy(writer: GroupCommit) -> Iterator[None]:
    """While a transaction of it is under way, so that what is handed to it gathers."""
    entered, go_on = threading.Event(), threading.Event()

    def slow(_: apsw.Connection) -> None:
        entered.set()
        go_on.wait()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(writer.apply, slow)
        entered.wait()
        try:
            yield
        finally:
            go_on.set()


def together(connections: Connections, *works: Work) -> list[BaseException | None]:
    """What became of ``works``, which share a transaction."""
    writer = GroupCommit(connections)
    with ThreadPoolExecutor(len(works)) as pool, busy(writer):
        calls = [pool.submit(writer.apply, each) for each in works]
        wait_until(lambda: writer._gathered.qsize() == len(works))
    outcomes = [call.exception() for call in calls]
    writer.close()
    return outcomes


def stored(connections: Connections) -> list[int]:
    rows = connections.of_this_thread().execute("SELECT scope FROM document ORDER BY scope")
    return [number for (number,) in rows]


def test_one_that_is_refused_leaves_the_others_as_they_are(connections: Connections) -> None:
    one, two, three = together(connections, writing(1), refused, writing(3))
    assert (one, type(two), three) == (None, VersionConflict, None)
    assert stored(connections) == [1, 3]


def test_one_that_the_store_cannot_do_fails_no_other(connections: Connections) -> None:
    one, two, three = together(connections, writing(1), broken, writing(3))
    assert (one, three) == (None, None)
    assert isinstance(two, StoreUnavailable)
    assert stored(connections) == [1, 3]


def test_one_whose_work_is_stopped_is_told_so_and_not_applied(connections: Connections) -> None:
    (found,) = together(connections, stopped)
    assert isinstance(found, KeyboardInterrupt)
    assert stored(connections) == []


def test_all_are_told_that_the_outcome_is_open_where_the_commit_fails(
    connections: Connections,
) -> None:
    def unwritable(connection: apsw.Connection) -> None:
        connection.set_commit_hook(lambda: True)  # as a full disk does: the commit fails

    found = together(connections, writing(1), unwritable)
    assert [type(each) for each in found] == [OutcomeUnknown, OutcomeUnknown]


def test_one_that_has_waited_until_its_deadline_is_withdrawn(connections: Connections) -> None:
    writer = GroupCommit(connections)
    with busy(writer):
        with deadline.until(time.monotonic() + 0.05), pytest.raises(DeadlineExceeded):
            writer.apply(writing(1))
    writer.apply(writing(2))
    writer.close()
    assert stored(connections) == [2]


def test_changes_that_gather_are_written_to_the_disk_once(connections: Connections) -> None:
    commits = count()

    def counted(connection: apsw.Connection) -> None:
        connection.set_commit_hook(lambda: next(commits) < 0)

    assert together(connections, counted, *map(writing, range(20))) == [None] * 21
    assert next(commits) == 1
    assert stored(connections) == [*range(20)]

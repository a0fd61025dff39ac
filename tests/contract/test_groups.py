"""Changes that share a transaction in the embedded store: each is applied or refused by itself."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest

from app.dao.embedded.connection import Connections
from app.dao.embedded.groups import Groups
from app.dao.embedded.migrations import migrate
from app.dao.errors import OutcomeUnknown, StoreUnavailable, VersionConflict
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


def together(connections: Connections, *works: Work) -> list[BaseException | None]:
    """What became of ``works``, which gather while another transaction is under way."""
    groups, entered, go_on = Groups(connections), threading.Event(), threading.Event()

    def slow(_: apsw.Connection) -> None:
        entered.set()
        go_on.wait()

    with ThreadPoolExecutor(len(works) + 1) as pool:
        pool.submit(groups.apply, slow)
        entered.wait()
        calls = [pool.submit(groups.apply, each) for each in works]
        wait_until(lambda: len(groups._gathered) == len(works))
        go_on.set()
        return [call.exception() for call in calls]


def stored(connections: Connections) -> list[int]:
    rows = connections.of_this_thread().execute("SELECT scope FROM document ORDER BY scope")
    return [number for (number,) in rows]


def test_one_that_is_refused_leaves_the_others_as_they_are(connections: Connections) -> None:
    one, two, three = together(connections, writing(1), refused, writing(3))
    assert (one, type(two), three) == (None, VersionConflict, None)
    assert stored(connections) == [1, 3]


def test_a_store_that_fails_fails_all_of_them(connections: Connections) -> None:
    found = together(connections, writing(1), broken, writing(3))
    assert all(isinstance(each, StoreUnavailable) for each in found)
    assert stored(connections) == []


def test_none_is_told_to_be_applied_by_a_thread_that_was_stopped(connections: Connections) -> None:
    found = together(connections, writing(1), stopped, writing(3))
    kinds = {type(each) for each in found}
    assert OutcomeUnknown in kinds
    assert kinds <= {OutcomeUnknown, KeyboardInterrupt}
    assert stored(connections) == []

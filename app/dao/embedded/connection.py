"""Connections to the file: one per thread, made where it is first used.

So nothing is carried over a fork, and no two threads share a connection.
"""

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from app.dao.base import OutcomeUnknown, StoreUnavailable

BUSY_TIMEOUT_MS = 5_000

# FULL: an acknowledged write survives a power cut (sqlite.org/pragma.html#pragma_synchronous).
_PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"


def connect(path: Path, *, create: bool = False) -> apsw.Connection:
    """A connection of its own.

    :raises apsw.Error: the file is missing (without ``create``), no store, or not writable.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    connection = apsw.Connection(str(path), flags=flags)
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    connection.execute(_PRAGMAS)
    return connection


@contextmanager
def translated() -> Iterator[None]:
    """The one place, with `_commit`, where SQLite's errors become the DAO's."""
    try:
        yield
    except apsw.Error as error:
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


class Connections:
    """The connections of one process to one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._open: weakref.WeakSet[apsw.Connection] = weakref.WeakSet()

    def of_this_thread(self) -> apsw.Connection:
        """:raises StoreUnavailable: the file cannot be opened."""
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with translated():
                connection = connect(self._path)
            self._local.connection = connection
            self._open.add(connection)
        return connection

    @contextmanager
    def transaction(self) -> Iterator[apsw.Connection]:
        """A write transaction: committed at the end, undone on any exception.

        :raises StoreUnavailable: nothing was changed.
        :raises OutcomeUnknown: the commit itself failed.
        """
        connection = self.of_this_thread()
        with translated():
            connection.execute("BEGIN IMMEDIATE")
        try:
            with translated():
                yield connection
            _commit(connection)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def close(self) -> None:
        for connection in list(self._open):
            connection.close()
        self._open.clear()
        self._local = threading.local()


def _commit(connection: apsw.Connection) -> None:
    try:
        connection.execute("COMMIT")
    except apsw.Error as error:
        raise OutcomeUnknown(f"{type(error).__name__}: {error}") from error

"""Connections to the file: one per thread, made where it is first used.

So nothing is carried over a fork, and no two threads share a connection. That of an event loop
only makes reads that end at once; what takes longer begins anew in a thread.
"""

import random
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import apsw

from app.concurrency import deadline, waiting
from app.dao.errors import DeadlineExceeded, OutcomeUnknown, StoreNotPrepared, StoreUnavailable

T = TypeVar("T")

BUSY_SECONDS = 5
BUSY_POLL_SECONDS = 0.001
FIRST_POLL_SECONDS = 0.00005
# Steps of SQLite's virtual machine, which does millions of them in a second.
STEPS_BETWEEN_LOOKS = 10_000
QUICK_SECONDS = 0.005
"""How long a read may hold up other requests on the event loop."""

# FULL: an acknowledged write survives a power cut (sqlite.org/pragma.html#pragma_synchronous).
_DURABLE = "PRAGMA synchronous = FULL"


def connect(path: Path, *, create: bool = False) -> apsw.Connection:
    """A connection of its own.

    :raises apsw.Error: the file is missing (without ``create``), no store, or not writable.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    connection = apsw.Connection(str(path), flags=flags)
    if connection.readonly("main"):  # SQLite opens a protected file all the same
        connection.close()
        raise apsw.ReadOnlyError("the file is write-protected")
    connection.set_busy_handler(_wait_a_little)
    connection.set_progress_handler(deadline.has_passed, STEPS_BETWEEN_LOOKS)
    # Else the values bound are looked at for a better plan, and each join is compiled anew.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    connection.execute(_DURABLE)
    return connection


def _wait_a_little(calls: int) -> bool:
    """Wait for another writer until the deadline, without one about `BUSY_SECONDS`.

    SQLite's own waiting sleeps up to 100 ms at a time, so that writers starve each other. Another
    worker's transaction takes less than a millisecond where the disk is fast.
    """
    pause = min(FIRST_POLL_SECONDS * 2 ** min(calls, 8), BUSY_POLL_SECONDS)
    time.sleep(random.uniform(0.5, 1.5) * pause)  # noqa: S311
    if deadline.is_set():
        return not deadline.has_passed()
    return calls < BUSY_SECONDS / BUSY_POLL_SECONDS


class translated:  # noqa: N801 - it is used as a function is
    """The one place, with `_commit`, where SQLite's errors become the DAO's."""

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, apsw.Error):
            raise _kind(error)(f"{type(error).__name__}: {error}") from error


def _kind(error: apsw.Error) -> type[StoreUnavailable]:
    if isinstance(error, apsw.SQLError) and "no such table" in str(error):
        return StoreNotPrepared
    if isinstance(error, apsw.BusyError | apsw.InterruptError) and deadline.has_passed():
        return DeadlineExceeded
    return StoreUnavailable


class Connections:
    """The connections of one process to one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._quick_until = 0.0
        self._local = threading.local()
        self._open: weakref.WeakSet[apsw.Connection] = weakref.WeakSet()

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    def of_this_thread(self) -> apsw.Connection:
        """:raises StoreUnavailable: the file cannot be opened.
        :raises DeadlineExceeded: there is no time left to use it."""
        deadline.check()
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with translated():
                connection = connect(self._path)
            if not waiting.current().blocks:
                connection.set_busy_handler(None)
                connection.set_progress_handler(self._is_not_quick, STEPS_BETWEEN_LOOKS)
            self._local.connection = connection
            self._open.add(connection)
        return connection

    def read(self, work: Callable[[apsw.Connection], T], *, quick: bool = True) -> T:
        """What ``work`` reads; ``quick``: that usually takes no longer than handing it over.

        :raises StoreUnavailable: it cannot be read. Also `DeadlineExceeded`.
        """
        if waiting.current().blocks:
            return self._read_here(work)
        if quick:
            self._quick_until = time.monotonic() + QUICK_SECONDS
            try:
                return self._read_here(work)
            except StoreUnavailable as error:
                if not isinstance(error.__cause__, apsw.BusyError | apsw.InterruptError):
                    raise
        return deadline.wait_for(partial(self._read_here, work))

    def select(self, sql: str, values: Any, *, quick: bool = True) -> list[Any]:
        """The rows that ``sql`` selects; as `read`."""
        return self.read(
            lambda connection: connection.execute(sql, values).fetchall(), quick=quick
        )

    def _read_here(self, work: Callable[[apsw.Connection], T]) -> T:
        connection = self.of_this_thread()
        with translated():
            return work(connection)

    def _is_not_quick(self) -> bool:
        return time.monotonic() > self._quick_until

    @contextmanager
    def transaction(self) -> Iterator[apsw.Connection]:
        """A write transaction: committed at the end, undone on any exception.

        :raises StoreUnavailable: nothing was changed. Also `DeadlineExceeded`.
        :raises OutcomeUnknown: the commit itself failed.
        """
        connection = self.of_this_thread()
        try:
            with translated():
                connection.execute("BEGIN IMMEDIATE")
                yield connection
            _commit(connection)
        except BaseException:
            self._undo(connection)
            raise

    def _undo(self, connection: apsw.Connection) -> None:
        """Leave no transaction behind: a connection that cannot undo it is given up."""
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except apsw.Error:
            self._local.connection = None
            connection.close(force=True)

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

"""The lock around migrating: one row with an owner and a time to live, renewed while held."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

from app.dao.cassandra.connection import translated
from app.dao.cassandra.execution import CAS
from app.dao.errors import MigrationStopped, StoreUnavailable

CREATE_LOCK = "CREATE TABLE IF NOT EXISTS schema_lock (name text PRIMARY KEY, owner uuid)"
TTL_SECONDS = 30
_WAIT_SECONDS = 300
_POLL_SECONDS = 0.2
_ROUNDING_SECONDS = 1  # the server counts whole seconds

_TAKE = (
    "INSERT INTO schema_lock (name, owner) VALUES ('migrations', %s) IF NOT EXISTS USING TTL %s"
)
_RENEW = "UPDATE schema_lock USING TTL %s SET owner = %s WHERE name = 'migrations' IF owner = %s"
_RELEASE = "DELETE FROM schema_lock WHERE name = 'migrations' IF owner = %s"


class LockLost(MigrationStopped):
    """The lock could not be renewed in time; another process may hold it now."""


class Lock:
    """The lock while ``owner`` holds it, taken at ``taken_at`` on the monotonic clock."""

    def __init__(self, session: Any, owner: UUID, ttl: int, taken_at: float) -> None:
        self._session = session
        self._owner = owner
        self._ttl = ttl
        self._valid_until = taken_at + ttl - _ROUNDING_SECONDS
        self._released = threading.Event()

    def check(self) -> None:
        """:raises LockLost: its time is over."""
        if time.monotonic() >= self._valid_until:
            raise LockLost("the migration lock was lost; run `profiles migrate apply` again")

    def keep(self) -> None:
        """Renew it until it is released or lost. Runs in a thread of its own."""
        while not self._released.wait(self._ttl / 3):
            asked_at = time.monotonic()
            try:
                if not self._ask(_RENEW, self._ttl, self._owner, self._owner):
                    return
            except StoreUnavailable:
                continue
            self._valid_until = asked_at + self._ttl - _ROUNDING_SECONDS

    def release(self) -> None:
        """Give it back, if it is still held; where that fails, its time to live does."""
        self._released.set()
        with suppress(StoreUnavailable):
            self._ask(_RELEASE, self._owner)

    def _ask(self, cql: str, *values: UUID | int) -> bool:
        with translated():
            row = self._session.execute(cql, values, execution_profile=CAS).one()
        return bool(row[0])


@contextmanager
def held(session: Any, owner: UUID, ttl: int = TTL_SECONDS) -> Iterator[Lock]:
    """The lock, once no one else holds it. ``ttl``: seconds after which a dead owner loses it.

    :raises MigrationStopped: another process holds it for longer than is waited.
    """
    lock = Lock(session, owner, ttl, _take(session, owner, ttl))
    keeper = threading.Thread(target=lock.keep, daemon=True)
    keeper.start()
    try:
        yield lock
    finally:
        lock.release()
        keeper.join()


def _take(session: Any, owner: UUID, ttl: int) -> float:
    deadline = time.monotonic() + _WAIT_SECONDS
    while (asked_at := time.monotonic()) < deadline:
        with translated():
            row = session.execute(_TAKE, (owner, ttl), execution_profile=CAS).one()
        if row[0]:
            return asked_at
        time.sleep(_POLL_SECONDS)
    raise MigrationStopped("another process is migrating for too long; see whether it still runs")

"""Commits that end in the middle, as when their process dies there."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

import apsw
from cassandra.query import BatchStatement, BoundStatement
from cassandra.util import uuid_from_time

from app.dao.base import Dao
from app.dao.cassandra.claims import INSERT_CLAIM
from app.dao.cassandra.connection import Connection
from app.dao.cassandra.dao import CassandraDao
from app.dao.embedded.dao import EmbeddedDao
from app.dao.errors import OutcomeUnknown, StoreUnavailable
from app.dao.values import Change, ProfileKey
from app.settings import CassandraStore, EmbeddedStore
from schemas.identity import Entry

ALWAYS = 10**9

T = TypeVar("T")


class Crash(BaseException):
    """Nothing in the service catches it."""


class Crasher(Protocol):
    """A store whose commits end where a test says."""

    dao: Dao

    def commit(self, change: Change, step: int) -> bool:
        """Commit; what it does as step number ``step`` meets the fault.

        Whether it came that far. Raises what `Dao.commit` does.
        """

    def leave_claim(self, key: ProfileKey, entry: Entry) -> None:
        """What a writer leaves that died long ago, before it held the value."""


class Steps:
    """Counts what is written, and says where the fault is."""

    def __init__(self) -> None:
        self.left = ALWAYS

    def next_is_faulty(self) -> bool:
        self.left -= 1
        return self.left == 0


class FaultyConnection(Connection):
    """Each write of a row and each conditional write is a step.

    ``fault``: ``crash`` ends the process before it, a ``lost request`` does not arrive, and of
    a ``lost answer`` no one is told.
    """

    def __init__(self, address: CassandraStore, fault: str) -> None:
        super().__init__(address)
        self.steps = Steps()
        self._fault = fault

    def write(self, cql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            send = partial(super().write, cql, [row])
            self._step(send, StoreUnavailable)

    def apply(self, statement: BatchStatement | BoundStatement) -> dict[str, Any] | None:
        return self._step(partial(super().apply, statement), OutcomeUnknown)

    def _step(self, send: Callable[[], T], error: type[Exception]) -> T:
        if not self.steps.next_is_faulty():
            return send()
        if self._fault == "crash":
            raise Crash
        if self._fault == "lost answer":
            send()
        raise error(self._fault)


class CassandraCrasher:
    """See `Crasher`."""

    def __init__(self, address: CassandraStore, fault: str) -> None:
        self._connection = FaultyConnection(address, fault)
        self.dao: Dao = CassandraDao(self._connection)

    def commit(self, change: Change, step: int) -> bool:
        self._connection.steps.left = step
        try:
            self.dao.commit(change)
        except Crash:
            return True
        else:
            return self._connection.steps.left <= 0
        finally:
            self._connection.steps.left = ALWAYS

    def leave_claim(self, key: ProfileKey, entry: Entry) -> None:
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        values = {"tenant": key.tenant, "key": entry.key, "value": entry.value}
        claim = {"customer_id": key.customer_id, "claim_id": uuid_from_time(long_ago)}
        assert self._connection.apply_one(INSERT_CLAIM, values | claim) is None


class EmbeddedCrasher:
    """See `Crasher`. Each statement is a step, also the one that undoes a transaction."""

    def __init__(self, address: EmbeddedStore) -> None:
        self._dao = EmbeddedDao(address.path)
        self.dao: Dao = self._dao

    def commit(self, change: Change, step: int) -> bool:
        steps, traced = Steps(), list[apsw.Connection]()

        def trace(*_: object) -> bool:
            if steps.next_is_faulty():
                raise Crash
            return True

        def begin(connection: apsw.Connection) -> None:
            connection.exec_trace = trace
            traced.append(connection)

        self._dao._writer.apply(begin)
        steps.left = step
        try:
            self.dao.commit(change)
        except Crash:
            traced[0].close(force=True)
            self.dao.close()
            return True
        finally:
            steps.left = ALWAYS
        return False

    def leave_claim(self, key: ProfileKey, entry: Entry) -> None:
        """There are none of a writer that died: its transaction was undone."""

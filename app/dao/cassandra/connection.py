"""The session of this process: made at first use, so always after a fork, and then kept."""

import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from cassandra import DriverException, InvalidRequest, RequestValidationException, Unavailable
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster, NoHostAvailable, ResultSet
from cassandra.connection import ConnectionException
from cassandra.policies import ConstantReconnectionPolicy
from cassandra.protocol import ErrorMessage
from cassandra.query import BatchStatement, BatchType, PreparedStatement

from app.concurrency import deadline
from app.dao.cassandra.encryption import encryption, meaning
from app.dao.cassandra.execution import (
    AGAIN_AFTER,
    CAS,
    READ,
    SECONDS,
    SETTLE,
    execution_profiles,
)
from app.dao.cassandra.reactor import connection_class
from app.dao.cassandra.sending import Sending, Statement
from app.dao.errors import DeadlineExceeded, OutcomeUnknown, StoreNotPrepared, StoreUnavailable
from app.dao.status import Pool
from app.settings import CassandraStore

AT_A_TIME = 32
# A node warns of a batch of more partitions (unlogged_batch_across_partitions_warn_threshold).
ROWS_IN_A_MESSAGE = 10

_CONNECT_SECONDS = 5
_WAIT_FOR_CONNECT_SECONDS = 0.5
_CONNECT_POLL_SECONDS = 0.01
_RECONNECT_SECONDS = 1
_PAUSE_AFTER_FAILURE = 1.0
# A node that hangs is seen as down, and not asked any more, within twice this time.
_HEARTBEAT_SECONDS = 5
# Longer than a connection that was cut takes to be there again.
_SETTLE_SECONDS = 4.0
_SETTLE_PAUSE = 0.1
# Again means through the next node.
_PREPARE_AGAIN_AFTER = 0.5
_TABLE = re.compile(r"\b(FROM|INTO|UPDATE) (\w+)\b(?!\.)")
_DRIVER_ERRORS = (DriverException, NoHostAvailable, ConnectionException, ErrorMessage)
# Without a retry, the driver says that no host is available when it has sent nothing.
_NOT_APPLIED = (NoHostAvailable, RequestValidationException)


class Connection:
    """One cluster, as this process talks to it. Safe for use by several threads."""

    def __init__(self, address: CassandraStore) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._cluster: Cluster | None = None
        self._session: Any = None
        self._failed_at = -_PAUSE_AFTER_FAILURE
        self._prepared: dict[str, PreparedStatement] = {}

    def read(
        self, cql: str, values: Mapping[str, Any] | None = None, profile: Any = READ
    ) -> list[Any]:
        """The rows that ``cql`` selects, as tuples; ``values`` are bound by name.

        :raises StoreUnavailable: they cannot be had.
        :raises DeadlineExceeded: not in the time that is left.
        """
        with translated():
            (rows,) = self._sent([self.prepared(cql).bind(values or {})], profile)
            return list(rows)

    def read_each(self, cql: str, each: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
        """As `read` with each of these values, several at a time."""
        with translated():
            statement = self.prepared(cql)
            return [list(rows) for rows in self._sent(list(map(statement.bind, each)), READ)]

    def settled(self, cql: str, values: Mapping[str, Any]) -> list[Any]:
        """The rows that ``cql`` selects, by a serial read: it finishes what the nodes have
        accepted of conditional writes, and sees it.

        It contends with the writers of the rows, and their connection may just have been lost,
        so it is tried for some seconds; not so where a node knows that too few others are there.

        :raises StoreUnavailable: they cannot be had.
        """
        end = time.monotonic() + _SETTLE_SECONDS
        while True:
            try:
                return self.read(cql, values, SETTLE)
            except StoreUnavailable as error:
                if isinstance(error.__cause__, Unavailable) or time.monotonic() > end:
                    raise
            deadline.sleep(_SETTLE_PAUSE)

    def write(self, cql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run the plain write ``cql``, `ROWS_IN_A_MESSAGE` of ``rows`` in one message, several
        of these at a time; wait for all.

        :raises StoreUnavailable: some may be written, now or later. Also `DeadlineExceeded`.
        """
        statement, values = self.prepared(cql), list(rows)
        firsts = range(0, len(values), ROWS_IN_A_MESSAGE)
        parts = [values[first : first + ROWS_IN_A_MESSAGE] for first in firsts]
        with translated():
            self._sent([_plain_batch(statement, part) for part in parts], READ)

    def apply_one(self, cql: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """`apply` of one conditional statement."""
        return self.apply(self.prepared(cql).bind(values))

    def apply(self, statement: Statement) -> dict[str, Any] | None:
        """Send a conditional write once: None if applied, else the stored values by column.

        :raises StoreUnavailable: it was not applied, and will not be. Also `DeadlineExceeded`.
        :raises OutcomeUnknown: it may be applied, now or later.
        """
        session = self._connected()
        seconds, sending = deadline.left(SECONDS[CAS]), Sending(session, CAS, [statement])
        try:
            (result,) = sending.results(seconds)
            names, row = result.column_names, result.one()
        except _NOT_APPLIED as error:
            raise StoreUnavailable(_told(error)) from error
        except _DRIVER_ERRORS as error:
            sending.put_last()
            raise OutcomeUnknown(_told(error)) from error
        answer = dict(zip(names, row, strict=True))
        return None if answer.pop("[applied]") else answer

    def prepared(self, cql: str) -> PreparedStatement:
        """``cql`` prepared, once per process.

        :raises StoreUnavailable: the cluster does not answer, or the table is missing.
        """
        session, prepared = self._connected(), self._prepared
        statement = prepared.get(cql)
        if statement is None:
            with translated():
                prepare = partial(session.prepare, self._qualified(cql))
                statement = deadline.wait_for(prepare, _PREPARE_AGAIN_AFTER)
            prepared[cql] = statement
        return statement

    def _qualified(self, cql: str) -> str:
        """``cql`` with the keyspace before its table: nodes warn of what is prepared without."""
        return _TABLE.sub(rf"\1 {self.keyspace}.\2", cql, count=1)

    def _sent(self, statements: Sequence[Statement], profile: Any) -> list[ResultSet]:
        """What each is answered, in order; several are sent at a time."""
        answers: list[ResultSet] = []
        for first in range(0, len(statements), AT_A_TIME):
            some, session = statements[first : first + AT_A_TIME], self._connected()
            seconds = deadline.left(SECONDS[profile])
            answers += Sending(session, profile, some).results(seconds, AGAIN_AFTER.get(profile))
        return answers

    @property
    def keyspace(self) -> str:
        return self._address.keyspace

    def pools(self) -> list[Pool]:
        """One of each node that is connected; none before the first use."""
        session = self._session
        states = session.get_pool_state() if session else {}
        return [
            Pool(str(node.endpoint), state["open_count"], sum(state["in_flights"]))
            for node, state in states.items()
        ]

    def close(self) -> None:
        """Give up the session."""
        with self._lock:
            if self._cluster is not None:
                self._cluster.shutdown()
            self._cluster = self._session = None
            self._prepared = {}

    def _connected(self) -> Any:
        return self._session or self._connect()

    def _connect(self) -> Any:
        """One caller tries at a time, the others do not wait long, and none after a failure."""
        end = time.monotonic() + _WAIT_FOR_CONNECT_SECONDS
        while self._session is None:
            if time.monotonic() - self._failed_at < _PAUSE_AFTER_FAILURE:
                raise StoreUnavailable("the last attempt to connect failed just now")
            if not self._lock.locked():
                deadline.wait_for(self._open)
            elif time.monotonic() > end:
                raise StoreUnavailable("another caller is still connecting")
            else:
                deadline.sleep(_CONNECT_POLL_SECONDS)
        return self._session

    def _open(self) -> None:
        """Make the session, unless another caller is just at it."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._session is None:
                self._cluster, self._session = self._opened()
        finally:
            self._lock.release()

    def _opened(self) -> tuple[Cluster, Any]:
        try:
            with translated():
                return open_session(self._address, self._address.keyspace)
        except StoreUnavailable:
            self._failed_at = time.monotonic()
            raise


@contextmanager
def translated() -> Iterator[None]:
    """The one place, with `Connection.apply`, where the driver's errors become the DAO's."""
    try:
        yield
    except InvalidRequest as error:
        raise StoreNotPrepared(_told(error)) from error
    except _DRIVER_ERRORS as error:
        kind = DeadlineExceeded if deadline.has_passed() else StoreUnavailable
        raise kind(_told(error)) from error


def open_session(address: CassandraStore, keyspace: str | None) -> tuple[Cluster, Any]:
    """A cluster object and a session in ``keyspace``.

    :raises StoreNotPrepared: there is no such keyspace.
    :raises NoHostAvailable: and other errors of the driver, with nothing left open.
    """
    cluster = Cluster(
        contact_points=address.hosts,
        port=address.port,
        protocol_version=5,
        connection_class=connection_class(),
        connect_timeout=_CONNECT_SECONDS,
        max_schema_agreement_wait=30,
        prepare_on_all_hosts=False,  # it would wait for one that hangs
        idle_heartbeat_interval=_HEARTBEAT_SECONDS,
        idle_heartbeat_timeout=_HEARTBEAT_SECONDS,
        reconnection_policy=ConstantReconnectionPolicy(_RECONNECT_SECONDS, max_attempts=None),
        auth_provider=(
            PlainTextAuthProvider(address.username, address.password) if address.username else None
        ),
        execution_profiles=execution_profiles(address.local_dc),
        **encryption(address.tls),
    )
    try:
        session = cluster.connect()
        if keyspace is not None:
            _use(cluster, session, keyspace)
    except BaseException:
        cluster.shutdown()
        raise
    return cluster, session


def _use(cluster: Cluster, session: Any, keyspace: str) -> None:
    if keyspace not in cluster.metadata.keyspaces:
        raise StoreNotPrepared(f"there is no keyspace {keyspace}, run `profiles migrate apply`")
    session.set_keyspace(keyspace)


def _plain_batch(statement: PreparedStatement, rows: Iterable[Mapping[str, Any]]) -> Any:
    """``statement`` with each of ``rows``, in one message. The rows may be of any partitions:
    each counts by itself, the message only spares the others."""
    batch = BatchStatement(BatchType.UNLOGGED)
    for values in rows:
        batch.add(statement, values)
    return batch


def _told(error: Exception) -> str:
    if isinstance(error, NoHostAvailable):
        told = error.errors.items() if isinstance(error.errors, dict) else ()
        nodes = "; ".join(f"{node}: {meaning(str(why))}" for node, why in told)
        return f"no node of Cassandra answers ({nodes or 'is local_dc its data centre?'})"
    return f"{type(error).__name__}: {error}"

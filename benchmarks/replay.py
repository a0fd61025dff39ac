"""Scripts sent again by a bare driver, each time about another profile.

What tells profiles apart in a recorded value is changed by one rule: their digits in texts,
and the number itself in ids and digests of 16 bytes. So what one script stores under a number
is what another one expects there.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from cassandra.cluster import Cluster
from cassandra.concurrent import execute_concurrent
from cassandra.query import BatchStatement, BatchType

from app.dao.cassandra.execution import CAS, execution_profiles
from app.dao.cassandra.statements import past_name
from app.dao.embedded.connection import BUSY_POLL_SECONDS, connect
from app.settings import CassandraStore, EmbeddedStore, StoreAddress
from benchmarks.listening import Statement, Step
from benchmarks.recording import Script
from benchmarks.sample import digits

_ID_BYTES = 16
_VERSION_BIT = 64
_PATIENCE = 30


class Driver(Protocol):
    """Sends a step, with each value of it changed by ``changed``."""

    def send(self, step: Step, changed: Callable[[Any], Any]) -> None: ...


class Conflict(Exception):
    """A conditional write was refused: the floor would measure something else."""


def replay(driver: Driver, script: Script, number: int, version: int) -> None:
    """The steps of ``script`` on the profile of ``number``, which is at ``version``."""
    changed = Change(script, number, version)
    for step in script.steps:
        driver.send(step, changed)


def prepare(driver: Driver, script: Script, number: int) -> None:
    """Make what ``script`` is about under ``number``."""
    changed = Change(script, number, 1)
    for step in script.setup:
        driver.send(step, changed)


class Change:
    """From a recorded value to that of a number and version."""

    def __init__(self, script: Script, number: int, version: int) -> None:
        self._number = number
        profiles = len(script.tokens)
        self._tokens = [
            (token, digits(number * profiles + place)) for place, token in enumerate(script.tokens)
        ]
        self._bytes = [(old.encode(), new.encode()) for old, new in self._tokens]
        self._known: dict[Any, Any] = {}
        if script.tags:
            first, second = script.tags
            self._known = {
                first: self.tag(first, version),
                second: self.tag(first, version + 1),
                first.bytes: self.tag(first, version).bytes,
                second.bytes: self.tag(first, version + 1).bytes,
                past_name(2): past_name(version + 1),
            }
            self._numbers = {1: version, 2: version + 1}
        else:
            self._numbers = {}

    def tag(self, first: UUID, version: int) -> UUID:
        """The write id of a version of this profile; that of the first is what `prepare` has."""
        return UUID(int=first.int ^ self._number ^ ((version - 1) << _VERSION_BIT))

    def __call__(self, value: Any) -> Any:
        kind = type(value)
        if kind is int:
            return self._numbers.get(value, value)
        if kind is str:
            return self._known.get(value) or self._text(value)
        if kind is UUID:
            return self._known.get(value) or UUID(int=value.int ^ self._number)
        if kind is bytes:
            return self._known.get(value) or self._binary(value)
        return value

    def _text(self, value: str) -> str:
        for old, new in self._tokens:
            value = value.replace(old, new)
        return value

    def _binary(self, value: bytes) -> bytes:
        if len(value) == _ID_BYTES:
            return (int.from_bytes(value) ^ self._number).to_bytes(_ID_BYTES)
        for old, new in self._bytes:
            value = value.replace(old, new)
        return value


def bare_cluster(address: CassandraStore) -> Cluster:
    """The driver as it is, with its own connections and timers, and the policies, consistency and
    tuples of the service."""
    return Cluster(
        address.hosts,
        port=address.port,
        protocol_version=5,
        execution_profiles=execution_profiles(address.local_dc),
    )


class CassandraDriver:
    """One session of a `bare_cluster`, for several threads."""

    def __init__(self, address: CassandraStore) -> None:
        self._cluster = bare_cluster(address)
        self._session = self._cluster.connect(address.keyspace)
        self._prepared: dict[str, Any] = {}

    def send(self, step: Step, changed: Callable[[Any], Any]) -> None:
        """:raises Conflict: it was refused."""
        options = {"execution_profile": step.profile} if step.profile else {}
        bound = list(self._statements(step, changed))
        if len(bound) > 1:
            execute_concurrent(self._session, [(each, ()) for each in bound], len(bound))
            return
        result = self._session.execute(bound[0], **options)
        if step.is_conditional and not result.was_applied:
            raise Conflict
        list(result)

    def send_all(
        self, steps: Sequence[Step], changed: Callable[[Any], Any], at_a_time: int
    ) -> None:
        """All of ``steps``, that many statements or batches under way at any time.

        :raises Conflict: one was refused.
        """
        # The driver takes the next one in its own thread, which must not wait for an answer.
        for text in {statement.text for step in steps for statement in step.statements}:
            self._prepare(text)
        patient = self._session.execution_profile_clone_update(CAS, request_timeout=_PATIENCE)
        options = {"execution_profile": patient}
        sent = ((each, ()) for step in steps for each in self._statements(step, changed))
        for _, result in execute_concurrent(self._session, sent, at_a_time, **options):
            if result.column_names and not result.was_applied:  # a plain write answers nothing
                raise Conflict

    def close(self) -> None:
        self._cluster.shutdown()

    def _statements(self, step: Step, changed: Callable[[Any], Any]) -> Iterator[Any]:
        bound = [self._bind(each, changed) for each in step.statements]
        if step.batch:
            batch = BatchStatement(BatchType.UNLOGGED)
            for statement, values in bound:
                batch.add(statement, values)
            yield batch
        else:
            yield from (statement.bind(values) for statement, values in bound)

    def _bind(
        self, statement: Statement, changed: Callable[[Any], Any]
    ) -> tuple[Any, dict[str, Any]]:
        prepared, values = self._prepare(statement.text), statement.values
        if not isinstance(values, dict):
            raise TypeError(statement.text)
        return prepared, {name: changed(value) for name, value in values.items()}

    def _prepare(self, text: str) -> Any:
        if text not in self._prepared:
            self._prepared[text] = self._session.prepare(text)
        return self._prepared[text]


class SqliteDriver:
    """One connection, for one thread."""

    def __init__(self, address: EmbeddedStore) -> None:
        self._connection = connect(address.path)
        self._connection.set_busy_handler(_wait)

    def send(self, step: Step, changed: Callable[[Any], Any]) -> None:
        for statement in step.statements:
            values = statement.values
            if isinstance(values, dict):
                given: Any = {name: changed(value) for name, value in values.items()}
            else:
                given = tuple(map(changed, values))
            self._connection.execute(statement.text, given).fetchall()


def _wait(_calls: int) -> bool:
    """As the service waits for another writer, but for as long as it takes."""
    time.sleep(random.uniform(0.5, 1.5) * BUSY_POLL_SECONDS)
    return True


def driver_maker(address: StoreAddress) -> Callable[[], Driver]:
    """What gives a thread its driver; called in the process that uses it."""
    if isinstance(address, EmbeddedStore):
        return partial(SqliteDriver, address)
    shared = CassandraDriver(address)
    return lambda: shared

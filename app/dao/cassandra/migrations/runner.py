"""Applying migrations: one process at a time, every step recorded, before and after."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from cassandra import RequestValidationException
from cassandra.protocol import SyntaxException

from app.dao.cassandra.connection import open_session, translated
from app.dao.cassandra.execution import CAS
from app.dao.cassandra.migrations.files import Migration, read_migrations
from app.dao.cassandra.migrations.history import (
    CREATE_HISTORY,
    DONE,
    SCOPE,
    SELECT_HISTORY,
    STARTED,
    Record,
    state,
)
from app.dao.cassandra.migrations.lock import CREATE_LOCK, Lock, held
from app.dao.errors import MigrationStopped, StoreNotPrepared, StoreUnavailable
from app.dao.status import MigrationState, Stage
from app.settings import CassandraStore

MAX_REPLICATION = 3
_STATEMENT_SECONDS = 60
_ENTER_SECONDS = 10
_POLL_SECONDS = 0.1
_UNIFIED_COMPACTION_SINCE = 5
_LEVELED = {
    True: "{'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'L4'}",
    False: "{'class': 'LeveledCompactionStrategy'}",
}

_START = (
    "INSERT INTO schema_migrations (scope, number, name, checksum, state, statements_done,"
    f" owner, started_at) VALUES ('{SCOPE}', %s, %s, %s, '{STARTED}', 0, %s,"
    " toTimestamp(now())) IF NOT EXISTS"
)
_TAKE_OVER = (
    "UPDATE schema_migrations SET owner = %s, checksum = %s"
    f" WHERE scope = '{SCOPE}' AND number = %s IF state = '{STARTED}'"
)
_PROGRESS = (
    f"UPDATE schema_migrations SET statements_done = %s WHERE scope = '{SCOPE}' AND number = %s"
    " IF owner = %s"
)
_FINISH = (
    f"UPDATE schema_migrations SET state = '{DONE}', finished_at = toTimestamp(now())"
    f" WHERE scope = '{SCOPE}' AND number = %s IF owner = %s"
)


def states(
    address: CassandraStore, migrations: Sequence[Migration] | None = None
) -> tuple[MigrationState, ...]:
    """What became of each migration in a keyspace, which need not be there. Reads only.

    :raises StoreUnavailable: the cluster does not answer.
    """
    migrations = read_migrations() if migrations is None else migrations
    history: dict[int, Record] = {}
    with _session(address) as session:
        if address.keyspace in session.cluster.metadata.keyspaces:
            _enter(session, address.keyspace)
            with suppress(StoreNotPrepared):
                history = _history(session)
    return tuple(state(each, history.get(each.number)) for each in migrations)


def migrate(
    address: CassandraStore,
    migrations: Sequence[Migration] | None = None,
    *,
    resume: bool = False,
) -> tuple[str, ...]:
    """Make the keyspace if it is missing, apply what it lacks, return the names.

    Several processes may do so at once: each migration is applied by one of them.
    ``resume`` goes on with a migration that an earlier run left unfinished, from the
    statement it stopped in.

    :raises MigrationStopped: a file was changed, or one was left unfinished.
    :raises StoreUnavailable: the cluster does not answer.
    """
    migrations = read_migrations() if migrations is None else migrations
    with _session(address) as session:
        _prepare(session, address)
        run = _Run(session, uuid4())
        with held(session, run.owner) as lock:
            return run.apply(lock, migrations, resume=resume)


class _Run:
    """One process's turn, in which it is the ``owner`` of the lock and of what it starts."""

    def __init__(self, session: Any, owner: UUID) -> None:
        self._session = session
        self.owner = owner
        with translated():
            release = session.execute("SELECT release_version FROM system.local").one()[0]
        unified = int(release.partition(".")[0]) >= _UNIFIED_COMPACTION_SINCE
        self._variables = {"leveled_compaction": _LEVELED[unified]}

    def apply(
        self, lock: Lock, migrations: Sequence[Migration], *, resume: bool
    ) -> tuple[str, ...]:
        lacking = list(_lacking(self._session, migrations, resume=resume))
        for migration, statements_done in lacking:
            statements = migration.statements(self._variables)
            self._claim(migration, new=statements_done is None)
            for number, statement in enumerate(statements, start=1):
                if number > (statements_done or 0):
                    lock.check()
                    _execute(self._session, statement)
                    self._record(_PROGRESS, number, migration.number, self.owner)
            self._record(_FINISH, migration.number, self.owner)
        return tuple(each.name for each, _ in lacking)

    def _claim(self, migration: Migration, *, new: bool) -> None:
        if new:
            named = (migration.number, migration.name, migration.checksum)
            self._record(_START, *named, self.owner)
        else:
            self._record(_TAKE_OVER, self.owner, migration.checksum, migration.number)

    def _record(self, cql: str, *values: Any) -> None:
        with translated():
            row = self._session.execute(cql, values, execution_profile=CAS).one()
        if not row[0]:
            raise MigrationStopped("another process works on the same migration; run it again")


def _lacking(
    session: Any, migrations: Sequence[Migration], *, resume: bool
) -> Iterator[tuple[Migration, int | None]]:
    """The migrations that are not done, and how far each is: None if not even started."""
    history = _history(session)
    for migration in migrations:
        record = history.get(migration.number)
        found = state(migration, record)
        if found.obstacle and not (resume and found.stage is Stage.UNFINISHED):
            raise MigrationStopped(found.obstacle)
        if found.stage is not Stage.APPLIED:
            yield migration, record.statements_done if record else None


def _history(session: Any) -> dict[int, Record]:
    """What is recorded of each migration, by its number."""
    with translated():
        return {number: Record(*rest) for number, *rest in session.execute(SELECT_HISTORY)}


def _prepare(session: Any, address: CassandraStore) -> None:
    """The keyspace, and the tables that the runner itself needs.

    Before these there is no lock. So they get ids that follow from their names: processes
    that make them at once through several nodes make the same tables.
    """
    nodes = [h for h in session.cluster.metadata.all_hosts() if h.datacenter == address.local_dc]
    copies = address.replication or min(MAX_REPLICATION, len(nodes))
    if address.keyspace not in session.cluster.metadata.keyspaces:
        _execute(
            session,
            f"CREATE KEYSPACE IF NOT EXISTS {address.keyspace} WITH replication ="
            f" {{'class': 'NetworkTopologyStrategy', '{address.local_dc}': {copies}}}",
        )
    _enter(session, address.keyspace)
    for table in (CREATE_LOCK, CREATE_HISTORY):
        _execute(session, f"{table} WITH ID = {uuid5(NAMESPACE_OID, address.keyspace + table)}")


def _enter(session: Any, keyspace: str) -> None:
    """Use ``keyspace``, which a node lists a moment before it can be used."""
    deadline = time.monotonic() + _ENTER_SECONDS
    while True:
        try:
            return _execute(session, f"USE {keyspace}")
        except MigrationStopped:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)


def _execute(session: Any, statement: str) -> None:
    """Run one statement, and wait until all nodes agree on the schema that it left."""
    try:
        with translated():
            result = session.execute(statement, execution_profile=CAS, timeout=_STATEMENT_SECONDS)
    except StoreUnavailable as error:
        if isinstance(error.__cause__, RequestValidationException | SyntaxException):
            raise MigrationStopped(f"Cassandra refused a statement: {error.__cause__}") from error
        raise
    if not result.response_future.is_schema_agreed:
        raise StoreUnavailable(
            "the nodes do not agree on the schema; see `nodetool describecluster`"
        )


@contextmanager
def _session(address: CassandraStore) -> Iterator[Any]:
    with translated():
        cluster, session = open_session(address, None)
    try:
        yield session
    finally:
        cluster.shutdown()

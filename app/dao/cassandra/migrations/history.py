"""What has been applied: one row per migration, *started* before it and *done* after it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from app.dao.cassandra.migrations.files import Migration, read_migrations
from app.dao.errors import StoreNotPrepared
from app.dao.status import MigrationState, Stage

STARTED, DONE = "started", "done"
SCOPE = "profiles"

CREATE_HISTORY = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        scope text, number int, name text, checksum text, state text, statements_done int,
        owner uuid, started_at timestamp, finished_at timestamp,
        PRIMARY KEY (scope, number)
    )
"""
SELECT_HISTORY = (
    "SELECT number, checksum, state, statements_done, finished_at FROM schema_migrations"
    f" WHERE scope = '{SCOPE}'"
)


@dataclass(frozen=True, slots=True)
class Record:
    """What the row of a migration says."""

    checksum: str
    state: str
    statements_done: int
    finished_at: datetime | None


def state(migration: Migration, record: Record | None) -> MigrationState:
    """What became of ``migration``, by its row if it has one."""
    name = migration.name
    if record is None:
        return MigrationState(name, Stage.PENDING)
    if record.state == STARTED:
        return MigrationState(
            name,
            Stage.UNFINISHED,
            obstacle=f"{name} was left unfinished in statement {record.statements_done + 1}; see"
            " what became of that, then run `profiles migrate apply --resume` to run it again and"
            " go on",
        )
    applied_at = record.finished_at and record.finished_at.replace(tzinfo=UTC)
    if record.checksum != migration.checksum:
        why = f"{name}.cql was changed after it was applied; put it back as it was"
        return MigrationState(name, Stage.CHANGED, applied_at, why)
    return MigrationState(name, Stage.APPLIED, applied_at)


def pending(read: Callable[[str], list[Any]]) -> tuple[str, ...]:
    """The names of the migrations that are not done, by ``read`` of the history.

    :raises StoreUnavailable: the history cannot be read.
    """
    try:
        done = {number for number, _, told, *_ in read(SELECT_HISTORY) if told == DONE}
    except StoreNotPrepared:
        done = set()
    return tuple(name for number, name in _release() if number not in done)


@cache
def _release() -> list[tuple[int, str]]:
    """The migrations of this release, read once per process."""
    return [(each.number, each.name) for each in read_migrations()]

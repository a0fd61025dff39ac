"""What has been applied: one row per migration, *started* before it and *done* after it."""

from collections.abc import Callable
from functools import cache
from typing import Any

from app.dao.cassandra.migrations.files import read_migrations
from app.dao.errors import StoreNotPrepared

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
    "SELECT number, checksum, state, statements_done FROM schema_migrations"
    f" WHERE scope = '{SCOPE}'"
)


def pending(read: Callable[[str], list[Any]]) -> tuple[str, ...]:
    """The names of the migrations that are not done, by ``read`` of the history.

    :raises StoreUnavailable: the history cannot be read.
    """
    try:
        done = {number for number, _, state, _ in read(SELECT_HISTORY) if state == DONE}
    except StoreNotPrepared:
        done = set()
    return tuple(name for number, name in _release() if number not in done)


@cache
def _release() -> list[tuple[int, str]]:
    """The migrations of this release, read once per process."""
    return [(each.number, each.name) for each in read_migrations()]

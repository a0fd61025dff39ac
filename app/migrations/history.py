"""What has been applied: one row per migration, *started* before it and *done* after it."""

from collections.abc import Callable
from typing import Any

from app.migrations.files import read_migrations

STARTED, DONE = "started", "done"
SCOPE = "profiles"

# Fixed table ids: two processes that make a table at once make the same one.
CREATE_HISTORY = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        scope text, number int, name text, checksum text, state text, statements_done int,
        owner uuid, started_at timestamp, finished_at timestamp,
        PRIMARY KEY (scope, number)
    ) WITH ID = 6d2b7a3e-5f0c-11f1-9c5e-0d8e6f4a1b01
"""
SELECT_HISTORY = (
    "SELECT number, checksum, state, statements_done FROM schema_migrations"
    f" WHERE scope = '{SCOPE}'"
)


def pending(read: Callable[[str], list[Any]]) -> tuple[str, ...]:
    """The names of the migrations that are not done, by ``read`` of the history.

    ``read`` raises `StoreUnavailable` where there is no history yet.
    """
    done = {number for number, _, state, _ in read(SELECT_HISTORY) if state == DONE}
    return tuple(each.name for each in read_migrations() if each.number not in done)

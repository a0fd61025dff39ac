"""The DAO on SQLite: one read statement, one write transaction."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw
import orjson

from app.dao.base import (
    Change,
    ProfileDao,
    ProfileKey,
    State,
    StoredProfile,
    StoreStatus,
    Version,
    VersionConflict,
)
from app.dao.embedded.connection import Connections, translated
from app.dao.embedded.migrations import pending

# One statement, so one snapshot: a row for each extension, or one row where there is none.
SELECT_PROFILE = """
    SELECT p.version, p.write_id, p.state, p.attributes, e.name,
           CASE WHEN e.name IN (SELECT value FROM json_each(?3)) THEN e.records END
    FROM profile p LEFT JOIN extension e USING (tenant, customer_id)
    WHERE p.tenant = ?1 AND p.customer_id = ?2
"""
SELECT_VERSION = "SELECT version, write_id FROM profile WHERE tenant = ? AND customer_id = ?"
REPLACE_PROFILE = "REPLACE INTO profile VALUES (?, ?, ?, ?, ?, ?, ?)"
DELETE_EXTENSIONS = "DELETE FROM extension WHERE tenant = ? AND customer_id = ?"
INSERT_EXTENSION = "INSERT INTO extension VALUES (?, ?, ?, ?)"
INSERT_PAST = "INSERT INTO past VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
# Of any profile, a few with each write: more than a write adds, so they do not pile up.
DELETE_EXPIRED = """
    DELETE FROM past WHERE rowid IN
    (SELECT rowid FROM past WHERE expires_at <= ? ORDER BY expires_at LIMIT 10)
"""


class EmbeddedProfileDao(ProfileDao):
    """Profiles in the SQLite file at ``path``, which `migrate` has prepared."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path)

    def get(
        self, key: ProfileKey, extensions: Iterable[str] = (), *, for_change: bool = False
    ) -> StoredProfile | None:
        wanted = list(extensions)
        values = (key.tenant, key.customer_id, orjson.dumps(wanted).decode())
        connection = self._connections.of_this_thread()
        with translated():
            rows: list[Any] = connection.execute(SELECT_PROFILE, values).fetchall()
        if not rows:
            return None
        number, write_id, state, attributes, _, _ = rows[0]
        records = {name: text for *_, name, text in rows if name is not None}
        return StoredProfile(
            version=Version(number, UUID(bytes=write_id)),
            state=State(state),
            attributes=attributes,
            extensions={name: records[name] for name in wanted if records.get(name) is not None},
            extension_names=frozenset(records) if for_change else None,
        )

    def commit(self, change: Change) -> None:
        with self._connections.transaction() as connection:
            if _version(connection, change.key) != change.expected:
                raise VersionConflict
            _write_parts(connection, change)
            _write_past(connection, change)

    def status(self) -> StoreStatus:
        with translated():
            applied = self._connections.of_this_thread().pragma("user_version")
        return StoreStatus(f"SQLite {apsw.sqlite_lib_version()}", pending(applied))

    def close(self) -> None:
        self._connections.close()


def _version(connection: apsw.Connection, key: ProfileKey) -> Version | None:
    row = connection.execute(SELECT_VERSION, (key.tenant, key.customer_id)).fetchone()
    return Version(row[0], UUID(bytes=row[1])) if row else None


def _write_parts(connection: apsw.Connection, change: Change) -> None:
    identity = (change.key.tenant, change.key.customer_id)
    version = (change.version.number, change.version.write_id.bytes)
    made_at = change.made_at.isoformat()
    row = (*identity, *version, change.state, made_at, change.attributes)
    connection.execute(REPLACE_PROFILE, row)
    if change.extensions is not None:
        connection.execute(DELETE_EXTENSIONS, identity)
        rows = [(*identity, name, records) for name, records in change.extensions.items()]
        connection.executemany(INSERT_EXTENSION, rows)


def _write_past(connection: apsw.Connection, change: Change) -> None:
    identity = (change.key.tenant, change.key.customer_id)
    now = int(time.time())
    connection.execute(DELETE_EXPIRED, (now,))
    if change.keep_past_for:
        version = (change.version.number, change.version.write_id.bytes)
        made = (change.operation, change.made_at.isoformat(), now + change.keep_past_for)
        connection.execute(INSERT_PAST, (*identity, *version, *made, change.past_document))

"""Profiles on SQLite: one read statement, one write transaction."""

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import apsw
import orjson

from app.dao.base import ProfileDao
from app.dao.embedded.connection import Connections
from app.dao.embedded.documents import definition_tag
from app.dao.embedded.group_commit import GroupCommit
from app.dao.embedded.identity import write_entries
from app.dao.embedded.receipts import SELECT_RECEIPT, read_receipt, receipt_row, write_receipt
from app.dao.errors import DefinitionChanged, VersionConflict
from app.dao.values import (
    Change,
    Once,
    Operation,
    PastVersion,
    ProfileKey,
    Receipt,
    ScanPage,
    State,
    StoredProfile,
    Version,
    state_of,
    state_text,
)

# One statement, so one snapshot: a row for each extension, or one row where there is none.
_SELECT_PROFILE = """
    SELECT p.customer_id, p.version, p.write_id, p.state, p.modified_at, p.attributes, p.merges,
           p.renewals, e.name, CASE WHEN e.name IN (%s) THEN e.records END
"""
SELECT_PROFILE = f"""{_SELECT_PROFILE}
    FROM profile p LEFT JOIN extension e USING (tenant, customer_id)
    WHERE p.tenant = ? AND p.customer_id = ?
"""
SELECT_PROFILES = f"""{_SELECT_PROFILE}
    FROM json_each(?) asked
    CROSS JOIN profile p ON p.tenant = ? AND p.customer_id = asked.value
    LEFT JOIN extension e ON e.tenant = p.tenant AND e.customer_id = p.customer_id
"""
SELECT_VERSION = """
    SELECT version, write_id, renewals, state FROM profile WHERE tenant = ? AND customer_id = ?
"""
UPSERT_PROFILE = """
    INSERT INTO profile (tenant, customer_id, version, write_id, state, modified_at, attributes)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET version = excluded.version, write_id = excluded.write_id,
        state = excluded.state, modified_at = excluded.modified_at,
        attributes = excluded.attributes
"""
UPDATE_RENEWALS = """
    UPDATE profile SET renewals = renewals + 1 WHERE tenant = ? AND customer_id = ?
"""
UPDATE_MERGES = "UPDATE profile SET merges = ? WHERE tenant = ? AND customer_id = ?"
DELETE_EXTENSION = "DELETE FROM extension WHERE tenant = ? AND customer_id = ? AND name = ?"
REPLACE_EXTENSION = "REPLACE INTO extension VALUES (?, ?, ?, ?)"
INSERT_PAST = """
    INSERT INTO past (tenant, customer_id, version, write_id, operation, made_at, expires_at,
                      document, note)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
SELECT_PAST = """
    SELECT version, write_id, operation, made_at, note, CASE WHEN ? THEN document END FROM past
    WHERE tenant = ? AND customer_id = ? AND version < ? AND expires_at > ?
    ORDER BY version DESC LIMIT ?
"""
# Of any profile, a few with each write: more than a write adds, so they do not pile up.
DELETE_EXPIRED = """
    DELETE FROM past WHERE rowid IN
    (SELECT rowid FROM past WHERE expires_at <= ? ORDER BY expires_at LIMIT 10)
"""
FIND = """
    SELECT customer_id FROM identity
    WHERE tenant = ? AND key = ? AND value = ? AND customer_id > ? ORDER BY customer_id LIMIT ?
"""
SCAN = """
    SELECT tenant, customer_id FROM profile WHERE tenant = ? AND customer_id > ?
    ORDER BY customer_id LIMIT ?
"""
SCAN_ALL = """
    SELECT tenant, customer_id FROM profile WHERE (tenant, customer_id) > (?, ?)
    ORDER BY tenant, customer_id LIMIT ?
"""
BEFORE_ALL = "-1 "

QUICK_IDS = 10
"""So many profiles are read on the event loop; their size is bounded, but not small."""


class EmbeddedProfiles(ProfileDao):
    """The profiles in a SQLite file that `migrate` has prepared."""

    _connections: Connections
    _writer: GroupCommit

    @property
    def late_seconds(self) -> float:
        """The transaction itself looks at the definition."""
        return 0.0

    def get(
        self,
        key: ProfileKey,
        extensions: Iterable[str] = (),
        *,
        for_change: bool = False,
        once: Once | None = None,
    ) -> StoredProfile | None:
        wanted = list(extensions)
        sql = SELECT_PROFILE % ",".join("?" * len(wanted))
        rows = self._connections.select(sql, (*wanted, key.tenant, key.customer_id))
        if not rows:
            return None
        stored = _profile_in(rows, wanted, for_change=for_change)
        return replace(stored, receipt=self._receipt(key, once)) if once else stored

    def get_many(
        self, tenant: int, customer_ids: Iterable[str], extensions: Iterable[str] = ()
    ) -> dict[str, StoredProfile]:
        wanted, found = list(extensions), dict[str, list[Any]]()
        sql = SELECT_PROFILES % ",".join("?" * len(wanted))
        ids = list(customer_ids)
        values, few = (*wanted, _json(ids), tenant), len(ids) <= QUICK_IDS
        for row in self._connections.select(sql, values, quick=few):
            found.setdefault(row[0], []).append(row)
        return {each: _profile_in(rows, wanted) for each, rows in found.items()}

    def commit(self, change: Change) -> None:
        self._writer.apply(partial(_apply, change))

    def past(
        self, key: ProfileKey, below: int, limit: int, *, documents: bool = False
    ) -> list[PastVersion]:
        now = int(time.time())
        values = (documents, key.tenant, key.customer_id, below, now, limit)
        rows = self._connections.select(SELECT_PAST, values, quick=not documents)
        return [
            PastVersion(
                Version(number, UUID(bytes=write_id)),
                Operation(operation),
                datetime.fromisoformat(made_at),
                note,
                document,
            )
            for number, write_id, operation, made_at, note, document in rows
        ]

    def find(
        self, tenant: int, key: str, value: bytes, after: str = "", limit: int = 1000
    ) -> list[str]:
        rows = self._connections.select(FIND, (tenant, key, value, after, limit))
        return [row[0] for row in rows]

    def scan(self, tenant: int | None, start: str | None, limit: int) -> ScanPage:
        first, _, after = (start or BEFORE_ALL).partition(" ")
        if tenant is None:
            rows = self._connections.select(SCAN_ALL, (int(first), after, limit))
        else:
            rows = self._connections.select(SCAN, (tenant, after, limit))
        found = tuple(ProfileKey(*row) for row in rows)
        more = len(found) == limit
        return ScanPage(found, f"{found[-1].tenant} {found[-1].customer_id}" if more else None)

    def _receipt(self, key: ProfileKey, once: Once) -> Receipt | None:
        """Read after the profile: one that was left in between is seen, too early for nobody."""
        values = (*receipt_row(key, once), int(time.time()))
        rows = self._connections.select(SELECT_RECEIPT, values)
        return read_receipt(*rows[0]) if rows else None


def _json(texts: list[str]) -> str:
    return orjson.dumps(texts).decode()


def _profile_in(rows: list[Any], wanted: list[str], *, for_change: bool = False) -> StoredProfile:
    """What the rows of one profile, one or more, hold."""
    _, number, write_id, told, modified_at, attributes, merges, renewals, *_ = rows[0]
    records = {name: text for *_, name, text in rows if name is not None}
    state, link = state_of(told)
    return StoredProfile(
        version=Version(number, UUID(bytes=write_id)),
        state=state,
        attributes=attributes,
        modified_at=datetime.fromisoformat(modified_at),
        extensions={name: records[name] for name in wanted if records.get(name) is not None},
        extension_names=frozenset(records) if for_change else None,
        link=link,
        merges=frozenset(map(UUID, orjson.loads(merges))) if for_change else frozenset(),
        basis=renewals if for_change else None,
    )


def _apply(change: Change, connection: apsw.Connection) -> None:
    """All of ``change``; raises what `ProfileDao.commit` does where it is refused."""
    _check_version(connection, change)
    if change.definition not in (None, definition_tag(connection, change.key.tenant)):
        raise DefinitionChanged
    write_entries(connection, change)
    _write_parts(connection, change)
    if change.keeps_version:
        connection.execute(UPDATE_RENEWALS, (change.key.tenant, change.key.customer_id))
    else:
        _write_past(connection, change)
    if change.once:
        write_receipt(connection, change, change.once)


def _check_version(connection: apsw.Connection, change: Change) -> None:
    """:raises VersionConflict: the profile is not what the change is based on."""
    key, expected = change.key, change.expected
    row = connection.execute(SELECT_VERSION, (key.tenant, key.customer_id)).fetchone()
    if (row and row[:2]) != (expected and (expected.number, expected.write_id.bytes)):
        raise VersionConflict
    if row and (row[3] != State.LIVE if change.is_blind else change.basis != row[2]):
        raise VersionConflict


def _write_parts(connection: apsw.Connection, change: Change) -> None:
    profile = (change.key.tenant, change.key.customer_id)
    version = (change.version.number, change.version.write_id.bytes)
    state = state_text(change.state, change.link)
    made_at = change.made_at.astimezone(UTC).isoformat()
    connection.execute(UPSERT_PROFILE, (*profile, *version, state, made_at, change.attributes))
    if change.merges is not None:
        merges = orjson.dumps(sorted(map(str, change.merges))).decode()
        connection.execute(UPDATE_MERGES, (merges, *profile))
    for name in change.removed:
        connection.execute(DELETE_EXTENSION, (*profile, name))
    for name, text in change.records.items():
        connection.execute(REPLACE_EXTENSION, (*profile, name, text))


def _write_past(connection: apsw.Connection, change: Change) -> None:
    now = int(time.time())
    connection.execute(DELETE_EXPIRED, (now,))
    if change.keep_past_for:
        profile = (change.key.tenant, change.key.customer_id)
        version = (change.version.number, change.version.write_id.bytes)
        made = (change.operation, change.made_at.astimezone(UTC).isoformat())
        kept = (now + change.keep_past_for, change.past_document, change.note)
        connection.execute(INSERT_PAST, (*profile, *version, *made, *kept))

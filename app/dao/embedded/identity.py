"""Identity entries on SQLite: written in the transaction of the change that makes them."""

from collections.abc import Iterable, Set
from typing import Any

import apsw

from app.dao.errors import ValueTaken, VersionConflict
from app.dao.values import CORE, Change
from schemas.identity import Entry

# Left to itself, SQLite goes through all entries of the tenant.
SELECT_ENTRIES = """
    SELECT key, value, claimed FROM identity INDEXED BY identity_profile
    WHERE tenant = ? AND customer_id = ? AND part = ?
"""
SELECT_HOLDER = """
    SELECT customer_id FROM identity
    WHERE tenant = ? AND key = ? AND value = ? AND claimed AND customer_id NOT IN (?, ?)
"""
INSERT_ENTRY = "REPLACE INTO identity VALUES (?, ?, ?, ?, ?, ?)"
DELETE_ENTRY = (
    "DELETE FROM identity WHERE tenant = ? AND key = ? AND value = ? AND customer_id = ?"
)


def write_entries(connection: apsw.Connection, change: Change) -> None:
    """Make the entries of the parts written what the change says.

    :raises VersionConflict: the change replaces core entries that it was made without.
    :raises ValueTaken: a profile that is not the change's own or source holds a unique value.
    """
    unread = {CORE: frozenset[Entry]()} if change.is_blind else {}
    for part, wanted in (unread | change.all_entries).items():
        stored = _stored(connection, change, part)
        if part in unread and _values(stored) != _values(wanted):
            raise VersionConflict
        if stored != wanted:
            _check_claims(connection, change, wanted - stored)
            _replace(connection, change, part, stored - wanted, wanted - stored)


def _replace(
    connection: apsw.Connection, change: Change, part: str, stale: set[Entry], fresh: Set[Entry]
) -> None:
    tenant, customer_id = change.key.tenant, change.key.customer_id
    for entry in stale:
        connection.execute(DELETE_ENTRY, (tenant, entry.key, entry.value, customer_id))
    for entry in fresh:
        row = (tenant, entry.key, entry.value, customer_id, part, entry.claimed)
        connection.execute(INSERT_ENTRY, row)


def _values(entries: Iterable[Entry]) -> set[tuple[str, bytes]]:
    return {(entry.key, entry.value) for entry in entries}


def _stored(connection: apsw.Connection, change: Change, part: str) -> set[Entry]:
    profile = (change.key.tenant, change.key.customer_id, part)
    rows: Iterable[Any] = connection.execute(SELECT_ENTRIES, profile)
    return {Entry(key, value, bool(claimed)) for key, value, claimed in rows}


def _check_claims(connection: apsw.Connection, change: Change, entries: Iterable[Entry]) -> None:
    excepted = (change.key.customer_id, change.source or change.key.customer_id)
    for entry in entries:
        value = (change.key.tenant, entry.key, entry.value)
        if entry.claimed and connection.execute(SELECT_HOLDER, (*value, *excepted)).fetchone():
            raise ValueTaken(entry.key)

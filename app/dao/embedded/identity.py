"""Identity entries on SQLite: written in the transaction of the change that makes them."""

from collections.abc import Iterable
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


def check_unread(connection: apsw.Connection, change: Change) -> None:
    """:raises VersionConflict: the change replaces core entries that it was made without."""
    if change.is_blind:
        wanted = {(entry.key, entry.value) for entry in change.entries.get(CORE, ())}
        stored = _stored(connection, change, CORE)
        if {(entry.key, entry.value) for entry in stored} != wanted:
            raise VersionConflict


def write_entries(connection: apsw.Connection, change: Change) -> None:
    """Make the entries of the parts written what the change says.

    :raises ValueTaken: a profile that is not the change's own or source holds a unique value.
    """
    tenant, customer_id = change.key.tenant, change.key.customer_id
    for part, wanted in change.all_entries.items():
        stored = _stored(connection, change, part)
        _check_claims(connection, change, wanted - stored)
        stale = [(tenant, each.key, each.value, customer_id) for each in stored - wanted]
        connection.executemany(DELETE_ENTRY, stale)
        fresh = [
            (tenant, each.key, each.value, customer_id, part, each.claimed)
            for each in wanted - stored
        ]
        connection.executemany(INSERT_ENTRY, fresh)


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

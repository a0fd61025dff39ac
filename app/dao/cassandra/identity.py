"""Identity entries on Cassandra: which of them a change adds and removes, and the rows.

Each entry has an add id of its own. Without one, a writer that removes a value could remove
the entry of another that adds it at the same time. Rows are written and removed at times
that follow from the add id, so neither clocks nor the order of arrival matter.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID, uuid1, uuid4

import orjson

from app.dao.cassandra.connection import Connection
from app.dao.errors import StoreUnavailable
from app.dao.values import CORE, Change
from schemas.identity import Entry

INSERT_ENTRY = (
    "INSERT INTO identity (tenant, key, value, customer_id, add_id)"
    " VALUES (:tenant, :key, :value, :customer_id, :add_id) USING TIMESTAMP :at"
)
DELETE_ENTRY = (
    "DELETE FROM identity USING TIMESTAMP :at WHERE tenant = :tenant AND key = :key"
    " AND value = :value AND customer_id = :customer_id AND add_id = :add_id"
)
FIND = (
    "SELECT customer_id FROM identity WHERE tenant = :tenant AND key = :key AND value = :value"
    " AND customer_id > :after GROUP BY tenant, key, value, customer_id LIMIT :max"
)

Held = dict[Entry, UUID]
Entries = dict[str, Held]

_UUID_EPOCH = 0x01B21DD213814000


@dataclass(frozen=True, slots=True)
class Basis:
    """What a core row says of its entries: those of each part, and when they were written."""

    ident_id: UUID | None
    entries: Entries

    def holds(self, entry: Entry) -> bool:
        return any(entry in held for held in self.entries.values())


NOTHING = Basis(None, {})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change does to the entries of its profile.

    ``ident_id`` is a fresh one where the core row tells of them anew, else None.
    """

    entries: Entries
    added: Held
    removed: Held
    ident_id: UUID | None

    def document(self) -> bytes:
        """The entries as the core row has them."""
        return orjson.dumps({part: _told(held) for part, held in self.entries.items() if held})


def plan(change: Change) -> Plan:
    """Kept entries keep their add ids, others get fresh ones."""
    if change.is_blind:
        return Plan({}, {}, {}, None)
    basis: Basis = change.basis or NOTHING
    stored = basis.entries
    entries, added, removed = dict(stored), Held(), Held()
    for part, wanted in change.all_entries.items():
        held = stored.get(part, {})
        if held.keys() == wanted:
            entries[part] = held
            continue
        fresh = {entry: uuid1() for entry in wanted if entry not in held}
        added |= fresh
        removed |= {entry: add_id for entry, add_id in held.items() if entry not in wanted}
        entries[part] = {entry: fresh.get(entry) or held[entry] for entry in wanted}
    renews = bool(added or removed or change.keeps_version or basis.ident_id is None)
    return Plan(entries, added, removed, uuid4() if renews else None)


def fingerprint(entries: Iterable[Entry]) -> bytes:
    """The same for the same entries, whatever their add ids."""
    digest = blake2b(digest_size=16)
    for entry in sorted(entries):
        digest.update(entry.key.encode() + b"\0" + entry.value)
    return digest.digest()


def core_fingerprint(entries: Entries) -> bytes:
    """The fingerprint of the core part's entries."""
    return fingerprint(entries.get(CORE, {}))


def read_basis(ident_id: UUID | None, document: bytes | None) -> Basis:
    """What the columns of a core row say."""
    told: dict[str, Any] = orjson.loads(document or b"{}")
    return Basis(ident_id, {part: _held(held) for part, held in told.items()})


def insert(connection: Connection, change: Change, entries: Held) -> None:
    """Write entries and wait for all.

    :raises StoreUnavailable: some may be written; no profile names them.
    """
    connection.write(INSERT_ENTRY, _rows(change, entries, later=0))


def remove(connection: Connection, change: Change, entries: Held) -> None:
    """Take entries away as far as the store can now; no profile names them any more."""
    try:
        connection.write(DELETE_ENTRY, _rows(change, entries, later=1))
    except StoreUnavailable:
        return


def added_at(add_id: UUID) -> datetime:
    """When an add id was made."""
    return datetime.fromtimestamp(_micros(add_id) / 1e6, UTC)


def _micros(add_id: UUID) -> int:
    return (add_id.time - _UUID_EPOCH) // 10


def _rows(change: Change, entries: Held, later: int) -> Iterator[Mapping[str, Any]]:
    for entry, add_id in entries.items():
        yield {
            "tenant": change.key.tenant,
            "key": entry.key,
            "value": entry.value,
            "customer_id": change.key.customer_id,
            "add_id": add_id,
            "at": _micros(add_id) + later,
        }


def _told(held: Held) -> list[tuple[str, str, UUID, bool]]:
    return [(each.key, each.value.hex(), add_id, each.claimed) for each, add_id in held.items()]


def _held(told: list[Any]) -> Held:
    return {
        Entry(key, bytes.fromhex(value), claimed): UUID(add_id)
        for key, value, add_id, claimed in told
    }

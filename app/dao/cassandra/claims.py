"""Values of unique keys on Cassandra: claimed by one profile before it holds them.

A claim without its value belongs to a writer that is at work, or died. It is taken over only
when the profile it names was fenced: its core row changed in a way that refuses whatever that
writer still sends. So it never rests on a clock; the lease just leaves busy writers alone.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.dao.cassandra.connection import Connection
from app.dao.cassandra.identity import NOTHING, Held, Plan, added_at
from app.dao.errors import (
    OutcomeUnknown,
    StoreUnavailable,
    ValueTaken,
    VersionConflict,
    before_the_change,
)
from app.dao.values import Change, ProfileKey, StoredProfile
from schemas.identity import Entry

LEASE = timedelta(seconds=1)
MAX_ATTEMPTS = 5

_CLAIM = "WHERE tenant = :tenant AND key = :key AND value = :value"
SELECT_CLAIM = f"SELECT claim_id FROM identity_claim {_CLAIM}"
INSERT_CLAIM = (
    "INSERT INTO identity_claim (tenant, key, value, customer_id, claim_id)"
    " VALUES (:tenant, :key, :value, :customer_id, :claim_id) IF NOT EXISTS"
)
UPDATE_CLAIM = (
    "UPDATE identity_claim SET customer_id = :customer_id, claim_id = :claim_id"
    f" {_CLAIM} IF customer_id = :holder AND claim_id = :held"
)
# Whatever its id: another writer of the holder may have renewed it, and was refused.
BEQUEATH_CLAIM = (
    "UPDATE identity_claim SET customer_id = :heir, claim_id = :claim_id"
    f" {_CLAIM} IF customer_id = :customer_id"
)
# A claim that was bequeathed keeps its id, so the holder counts too.
DELETE_CLAIM = (
    f"DELETE FROM identity_claim {_CLAIM} IF customer_id = :customer_id AND claim_id = :claim_id"
)

Get = Callable[[ProfileKey], StoredProfile | None]
Fence = Callable[[ProfileKey, StoredProfile | None], None]


class Claims:
    """The claims of one cluster. ``get`` reads a profile for a change, ``fence`` stops all
    writers that have read it, or raises `VersionConflict` where it is not as read."""

    def __init__(self, connection: Connection, get: Get, fence: Fence) -> None:
        self._connection = connection
        self._get = get
        self._fence = fence

    def acquire(self, change: Change, plan: Plan) -> Held:
        """Claim the unique values that ``change`` adds; those that nobody had claimed.

        :raises ValueTaken: another profile holds one.
        :raises VersionConflict: another writer is about to hold one.
        """
        fresh: Held = {}
        try:
            for entry, add_id in plan.added.items():
                if entry.claimed and self._acquire(change, entry, add_id):
                    fresh[entry] = add_id
        except (ValueTaken, VersionConflict):
            self.release(change, fresh)
            raise
        return fresh

    def release(self, change: Change, entries: Held) -> None:
        """Give up claims that are still as this profile made them, if the store can now."""
        for entry, add_id in entries.items():
            if entry.claimed:
                with suppress(StoreUnavailable):
                    values = _values(change, entry, add_id)
                    self._connection.apply_one(DELETE_CLAIM, values)

    def bequeath(self, change: Change, entries: Held) -> None:
        """Let the heir have the claims that this profile will give up."""
        for entry, add_id in entries.items():
            if entry.claimed and change.heir:
                values = _values(change, entry, add_id, heir=change.heir)
                self._apply(BEQUEATH_CLAIM, values)

    def _acquire(self, change: Change, entry: Entry, add_id: UUID) -> bool:
        """Whether nobody had a claim that others may still rely on."""
        values = _values(change, entry, add_id)
        for _ in range(MAX_ATTEMPTS):
            stored = self._apply(INSERT_CLAIM, values)
            if stored is None or stored["claim_id"] == add_id:
                return True
            holder, held = stored["customer_id"], stored["claim_id"]
            if holder == change.source:
                return False
            mine = holder == change.key.customer_id
            if not mine:
                self._fence_holder(change.key.tenant, holder, held, entry)
            known = values | {"holder": holder, "held": held}
            if self._apply(UPDATE_CLAIM, known) is None:
                return not mine
        raise VersionConflict

    def _fence_holder(self, tenant: int, holder: str, held: UUID, entry: Entry) -> None:
        """:raises ValueTaken: the holder has the value.
        :raises VersionConflict: it may be about to."""
        key = ProfileKey(tenant, holder)
        stored = self._get(key)
        if stored and (stored.basis or NOTHING).holds(entry):
            raise ValueTaken(entry.key)
        if datetime.now(UTC) - added_at(held) < LEASE:
            raise VersionConflict
        with before_the_change():
            self._fence(key, stored)

    def _apply(self, cql: str, values: dict[str, Any]) -> dict[str, Any] | None:
        """One conditional write of a claim, sent again where it is not answered: the claim has
        an id of its own, so it does not matter which of both was applied.

        :raises StoreUnavailable: it may be applied; a claim without its value is harmless. Also
            `DeadlineExceeded`.
        """
        with before_the_change():
            try:
                return self._connection.apply_one(cql, values)
            except OutcomeUnknown:
                self._connection.settled(SELECT_CLAIM, values)
                return self._connection.apply_one(cql, values)


def _values(change: Change, entry: Entry, claim_id: UUID, **more: str) -> dict[str, Any]:
    return {
        "tenant": change.key.tenant,
        "key": entry.key,
        "value": entry.value,
        "customer_id": change.key.customer_id,
        "claim_id": claim_id,
    } | more

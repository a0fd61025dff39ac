"""Profiles on Cassandra: reads by exact rows, every change one conditional batch.

The protocol, also of the identity entries and claims around the batch, is described in
docs/write-protocol.md.
"""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID, uuid4

from cassandra.query import BatchStatement, BatchType

from app.dao.base import ProfileDao
from app.dao.cassandra import identity
from app.dao.cassandra.claims import Claims
from app.dao.cassandra.connection import Connection
from app.dao.cassandra.documents import SELECT_TAG, document_row
from app.dao.cassandra.rows import (
    CORE_ROW,
    profile_in,
    selection,
)
from app.dao.cassandra.statements import PARTITION, partition, past_name, statements
from app.dao.errors import DefinitionChanged, OutcomeUnknown, StoreUnavailable, VersionConflict
from app.dao.values import (
    DEFINITION,
    Change,
    DocumentKey,
    Once,
    Operation,
    PastVersion,
    ProfileKey,
    ScanPage,
    State,
    StoredProfile,
    Version,
    renewal,
)
from app.watching import metrics

# A batch sent this long after its commit began asks first whether the definition still stands.
SEND_SECONDS = 1.0
# The same, and the time until a node has answered the batch or given it up.
LATE_SECONDS = 6.0
FIRST_TOKEN = -(2**63)

SELECT_TAGS = f"SELECT part, name, etag FROM profile {PARTITION} AND (part, name) IN :rows"
SELECT_PAST = (
    f"SELECT version, etag, operation, modified_at, note FROM profile {PARTITION}"
    " AND part = 'past' AND name > :below LIMIT :max"
)
SELECT_PAST_DOCUMENTS = SELECT_PAST.replace("note FROM", "note, doc FROM")
SELECT_IDS = (
    "SELECT DISTINCT token(tenant, customer_id), tenant, customer_id FROM profile"
    " WHERE token(tenant, customer_id) > :start LIMIT :max"
)


class CassandraProfiles(ProfileDao):
    """The profiles in the cluster and keyspace of ``connection``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._claims = Claims(connection, lambda key: self.get(key, for_change=True), self._fence)

    @property
    def late_seconds(self) -> float:
        """A sent batch is given up, or answered, within this time."""
        return LATE_SECONDS

    def get(
        self,
        key: ProfileKey,
        extensions: Iterable[str] = (),
        *,
        for_change: bool = False,
        once: Once | None = None,
    ) -> StoredProfile | None:
        names = tuple(extensions)
        cql, more = selection(names, once, for_change=for_change)
        rows = self._connection.read(cql, partition(key) | more)
        return profile_in(rows, names, for_change=for_change)

    def get_many(
        self, tenant: int, customer_ids: Iterable[str], extensions: Iterable[str] = ()
    ) -> dict[str, StoredProfile]:
        """A read of each partition: one of several would make a single node ask all others."""
        ids, names = list(customer_ids), tuple(extensions)
        cql, more = selection(names)
        values = [partition(ProfileKey(tenant, each)) | more for each in ids]
        read = self._connection.read_each(cql, values)
        found = {each: profile_in(rows, names) for each, rows in zip(ids, read, strict=True)}
        return {each: stored for each, stored in found.items() if stored}

    def commit(self, change: Change) -> None:
        plan, started = identity.plan(change), time.monotonic()
        claims = self._claims.acquire(change, plan)
        identity.insert(self._connection, change, plan.added)
        self._claims.bequeath(change, plan.removed)
        try:
            self._write(change, plan, started)
        except (VersionConflict, DefinitionChanged):
            identity.remove(self._connection, change, plan.added)
            self._claims.release(change, claims)
            raise
        identity.remove(self._connection, change, plan.removed)
        self._claims.release(change, plan.removed)

    def past(
        self, key: ProfileKey, below: int, limit: int, *, documents: bool = False
    ) -> list[PastVersion]:
        cql = SELECT_PAST_DOCUMENTS if documents else SELECT_PAST
        values = partition(key) | {"below": past_name(max(below, 1)), "max": limit}
        return [
            PastVersion(
                Version(number, write_id),
                Operation(operation),
                made_at.replace(tzinfo=UTC),
                note or b"{}",
                *document,
            )
            for number, write_id, operation, made_at, note, *document in self._connection.read(
                cql, values
            )
        ]

    def find(
        self, tenant: int, key: str, value: bytes, after: str = "", limit: int = 1000
    ) -> list[str]:
        values = {"tenant": tenant, "key": key, "value": value, "after": after, "max": limit}
        return [row[0] for row in self._connection.read(identity.FIND, values)]

    def scan(self, tenant: int | None, start: str | None, limit: int) -> ScanPage:
        """Goes through the profiles of all tenants: the ring is not ordered by tenant."""
        first = FIRST_TOKEN if start is None else int(start)
        rows = self._connection.read(SELECT_IDS, {"start": first, "max": limit})
        found = tuple(ProfileKey(*key) for _, *key in rows if tenant in {None, key[0]})
        return ScanPage(found, str(rows[-1][0]) if len(rows) == limit else None)

    def _write(self, change: Change, plan: identity.Plan, started: float) -> None:
        """The one conditional write.

        :raises VersionConflict: it was refused.
        :raises DefinitionChanged: it was not sent.
        :raises OutcomeUnknown: it cannot be found out.
        """
        batch = self._batch(change, plan)
        if time.monotonic() - started > SEND_SECONDS and not self._stands(change):
            raise DefinitionChanged
        applied = self._send(batch, change)
        if not (self._find_out(batch, change) if applied is None else applied):
            raise VersionConflict

    def _fence(self, key: ProfileKey, stored: StoredProfile | None) -> None:
        """Refuse every change that is based on ``stored``, or on a missing row.

        :raises VersionConflict: another change came first.
        """
        self.commit(renewal(key, stored) if stored else _nothing(key))

    def _send(self, batch: BatchStatement, change: Change) -> bool | None:
        """Whether the batch was applied, or refused; None where no answer says."""
        try:
            refused = self._connection.apply(batch)
        except OutcomeUnknown:
            return None
        if refused is None or change.keeps_version:
            return refused is None
        return refused.get("etag") == change.version.write_id

    @metrics.finding_out("profile")
    def _find_out(self, batch: BatchStatement, change: Change) -> bool:
        """Whether a write without an answer was applied.

        Where the expected version is still stored, and the definition stands, the same batch is
        sent once more: whether the first one comes late or not, both make the same version, and
        only one of them can.

        :raises OutcomeUnknown: it cannot be found out.
        """
        if change.keeps_version:
            raise OutcomeUnknown("the renewal was not answered; it may be repeated")
        try:
            applied = self._settle(change)
            if applied is None and self._stands(change):
                applied = self._send_again(batch, change)
        except OutcomeUnknown:
            raise
        except StoreUnavailable as error:
            raise OutcomeUnknown(str(error)) from error
        if applied is None:
            raise OutcomeUnknown("the conditional write was not answered")
        return applied

    def _send_again(self, batch: BatchStatement, change: Change) -> bool | None:
        """Whether one of both was applied; None where no answer says.

        A refusal says nothing by itself: the first may have come between, and another write
        after it. So that is looked up. If the expected version is still stored, the write was
        refused for the entries of the profile, or its state, and so will the first be.
        """
        answered = self._send(batch, change)
        if answered:
            return True
        applied = self._settle(change)
        return answered if applied is None else applied

    def _settle(self, change: Change) -> bool | None:
        """What became of a write, by one serial read.

        True: applied. False: another write came first. None: the expected version is still
        stored.

        :raises OutcomeUnknown: another write is stored and no row tells whose was first.
        """
        tags = self._stored_tags(change)
        if change.version.write_id in tags.values():
            return True
        if tags.get("core") == (change.expected.write_id if change.expected else None):
            return None
        if not (change.keep_past_for or change.once):
            raise OutcomeUnknown("the conditional write was not answered, and no past is kept")
        return False

    def _stored_tags(self, change: Change) -> dict[str, UUID]:
        """The write ids in the core row, in this version's past row and receipt, by part."""
        parts = [CORE_ROW, ("past", past_name(change.version.number))]
        if change.once:
            parts.append(("op", change.once.name))
        rows = self._connection.settled(SELECT_TAGS, partition(change.key) | {"rows": parts})
        return {part: tag for part, _, tag in rows}

    def _stands(self, change: Change) -> bool:
        """Whether the definition that ``change`` was made under is in force."""
        if change.definition is None:
            return True
        key = DocumentKey(change.key.tenant, DEFINITION)
        rows = self._connection.read(SELECT_TAG, document_row(key))
        return bool(rows) and rows[0][0] == change.definition

    def _batch(self, change: Change, plan: identity.Plan) -> BatchStatement:
        batch = BatchStatement(BatchType.UNLOGGED)
        for cql, values in statements(change, plan):
            batch.add(self._connection.prepared(cql), values)
        return batch


def _nothing(key: ProfileKey) -> Change:
    """A deleted profile where there was no row."""
    return Change(
        key=key,
        expected=None,
        version=Version(1, uuid4()),
        operation=Operation.DELETE,
        state=State.DELETED,
        made_at=datetime.now(UTC),
        attributes=b"{}",
        keep_past_for=0,
    )

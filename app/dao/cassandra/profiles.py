"""The DAO on Cassandra: reads by exact rows, every change one conditional batch.

The protocol is described in docs/write-protocol.md. Identity entries will stand around the
batch: new ones are written before it, stale ones removed after it.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from cassandra.query import BatchStatement, BatchType

from app.dao.base import (
    Change,
    OutcomeUnknown,
    ProfileDao,
    ProfileKey,
    State,
    StoredProfile,
    StoreStatus,
    StoreUnavailable,
    Version,
    VersionConflict,
)
from app.dao.cassandra.connection import SETTLE, Connection
from app.dao.cassandra.migrations.history import pending

CORE = ("core", "")
MAX_VERSION_DIGITS = 19
SETTLE_PAUSES = (0.05, 0.2, 0.5)

_PARTITION = "WHERE tenant = :tenant AND customer_id = :customer_id"
_COLUMNS = "part, name, doc, etag, version, state"

# Without the names of the extensions: an update by entity tag does not write them, and a
# column that is only in an old SSTable would make every query open that one too.
SELECT_ROWS = f"SELECT {_COLUMNS} FROM profile {_PARTITION} AND (part, name) IN :rows"
SELECT_ROWS_FOR_CHANGE = (
    f"SELECT {_COLUMNS}, extensions FROM profile {_PARTITION} AND (part, name) IN :rows"
)
SELECT_TAGS = f"SELECT part, name, etag FROM profile {_PARTITION} AND (part, name) IN :rows"
SELECT_RELEASE = "SELECT release_version FROM system.local"

# Both are null on a missing row, so a create and an update share the statement.
UPDATE_TAG = (
    f"UPDATE profile SET etag = :etag {_PARTITION} AND part = 'core' AND name = ''"
    " IF etag = :expected_etag AND version = :expected_version"
)
# The insert beside the update writes the row's liveness: without it, a read opens every
# SSTable that has ever held the row.
INSERT_CORE = (
    "INSERT INTO profile (tenant, customer_id, part, name,"
    " doc, etag, version, state, modified_at, extensions) VALUES (:tenant, :customer_id,"
    " 'core', '', :attributes, :etag, :version, :state, :made_at, :extensions)"
)
INSERT_CORE_KEEPING_EXTENSIONS = (
    "INSERT INTO profile (tenant, customer_id, part, name,"
    " doc, etag, version, state, modified_at) VALUES (:tenant, :customer_id,"
    " 'core', '', :attributes, :etag, :version, :state, :made_at)"
)
INSERT_EXTENSION = (
    "INSERT INTO profile (tenant, customer_id, part, name, doc)"
    " VALUES (:tenant, :customer_id, 'ext', :name, :records)"
)
DELETE_EXTENSION = f"DELETE FROM profile {_PARTITION} AND part = 'ext' AND name = :name"
INSERT_PAST = (
    "INSERT INTO profile (tenant, customer_id, part, name,"
    " doc, etag, version, operation, modified_at) VALUES (:tenant, :customer_id,"
    " 'past', :name, :document, :etag, :version, :operation, :made_at) USING TTL :ttl"
)


class CassandraProfileDao(ProfileDao):
    """Profiles in the cluster and keyspace of ``connection``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(
        self, key: ProfileKey, extensions: Iterable[str] = (), *, for_change: bool = False
    ) -> StoredProfile | None:
        names = tuple(extensions)
        parts = [CORE, *(("ext", name) for name in names)]
        cql = SELECT_ROWS_FOR_CHANGE if for_change else SELECT_ROWS
        rows = self._connection.read(cql, _partition(key) | {"rows": parts})
        core = next((row for row in rows if row[0] == "core"), None)
        if core is None:
            return None
        _, _, attributes, write_id, number, state, *held = core
        records = {name: text for part, name, text, *_ in rows if part == "ext"}
        return StoredProfile(
            version=Version(number, write_id),
            state=State(state),
            attributes=attributes,
            extensions={name: records[name] for name in names if name in records},
            extension_names=frozenset(held[0] or ()) if for_change else None,
        )

    def commit(self, change: Change) -> None:
        batch = self._batch(change)
        applied = self._send(batch, change)
        if applied is None:
            applied = self._find_out(batch, change)
        if not applied:
            raise VersionConflict

    def status(self) -> StoreStatus:
        release = self._connection.read(SELECT_RELEASE)[0][0]
        return StoreStatus(f"Apache Cassandra {release}", pending(self._connection.read))

    def close(self) -> None:
        self._connection.close()

    def _send(self, batch: BatchStatement, change: Change) -> bool | None:
        """Whether the batch was applied, or refused; None where no answer says."""
        try:
            refused = self._connection.apply(batch)
        except OutcomeUnknown:
            return None
        return refused is None or refused.get("etag") == change.version.write_id

    def _find_out(self, batch: BatchStatement, change: Change) -> bool:
        """Whether a write without an answer was applied.

        Where the expected version is still stored, the same batch is sent once more: whether
        the first one comes late or not, both make the same version, and only one of them can.
        A refusal of this second one says nothing by itself: the first may have come between,
        and another write after it. So that too is looked up.

        :raises OutcomeUnknown: it cannot be found out.
        """
        try:
            applied = self._settle(change)
            if applied is None:
                applied = self._send(batch, change) or self._settle(change)
        except OutcomeUnknown:
            raise
        except StoreUnavailable as error:
            raise OutcomeUnknown(str(error)) from error
        if applied is None:
            raise OutcomeUnknown("the conditional write was not answered, twice")
        return applied

    def _settle(self, change: Change) -> bool | None:
        """What became of a write, by one serial read.

        True: applied. False: another write came first. None: the expected version is still
        stored.

        :raises OutcomeUnknown: another write is stored and no past row tells whose was first.
        """
        tags = self._stored_tags(change)
        if change.version.write_id in tags.values():
            return True
        if tags.get("core") == (change.expected.write_id if change.expected else None):
            return None
        if not change.keep_past_for:
            raise OutcomeUnknown("the conditional write was not answered, and no past is kept")
        return False

    def _stored_tags(self, change: Change) -> dict[str, UUID]:
        """The write ids in the core row and in this version's past row, by part.

        A serial read contends with the writers of the profile, so it is tried a few times.
        """
        parts = [CORE, ("past", past_name(change.version))]
        values = _partition(change.key) | {"rows": parts}
        for pause in SETTLE_PAUSES:
            with suppress(StoreUnavailable):
                rows = self._connection.read(SELECT_TAGS, values, SETTLE)
                return {part: tag for part, _, tag in rows}
            time.sleep(pause)
        raise StoreUnavailable("the write was not answered, nor were the reads that ask for it")

    def _batch(self, change: Change) -> BatchStatement:
        """The one write statement: all of the change, on the condition of what is stored."""
        batch = BatchStatement(BatchType.UNLOGGED)
        for cql, values in _statements(change):
            batch.add(self._connection.prepared(cql), values)
        return batch


def past_name(version: Version) -> str:
    """The name of a version's past row: they sort newest first."""
    return f"{10**MAX_VERSION_DIGITS - version.number:0{MAX_VERSION_DIGITS}d}"


def _statements(change: Change) -> Iterator[tuple[str, dict[str, Any]]]:
    """The statements with their values, bound by name.

    A row is deleted or inserted, never both: a delete would win over an insert of its row.
    """
    common = _partition(change.key) | {
        "attributes": change.attributes,
        "etag": change.version.write_id,
        "version": change.version.number,
        "expected_etag": change.expected and change.expected.write_id,
        "expected_version": change.expected and change.expected.number,
        "state": change.state,
        "operation": change.operation,
        "made_at": change.made_at,
        "extensions": change.extension_names,
    }
    yield UPDATE_TAG, common
    known = change.extension_names is not None
    yield INSERT_CORE if known else INSERT_CORE_KEEPING_EXTENSIONS, common
    for name, records in (change.extensions or {}).items():
        yield INSERT_EXTENSION, common | {"name": name, "records": records}
    for name in change.removed_names:
        yield DELETE_EXTENSION, common | {"name": name}
    if change.keep_past_for:
        past = {"document": change.past_document, "ttl": change.keep_past_for}
        yield INSERT_PAST, common | past | {"name": past_name(change.version)}


def _partition(key: ProfileKey) -> dict[str, Any]:
    return {"tenant": key.tenant, "customer_id": key.customer_id}

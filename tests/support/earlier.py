"""A store that has the migration 0001_profile only, and what the release of that time wrote."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from cassandra.query import BatchStatement, BatchType

from app.dao.cassandra.connection import Connection
from app.dao.cassandra.migrations.files import read_migrations
from app.dao.cassandra.migrations.runner import migrate
from app.dao.embedded.connection import connect
from app.dao.embedded.migrations import MIGRATIONS
from app.dao.values import ProfileKey
from app.settings import CassandraStore, EmbeddedStore, StoreAddress
from schemas.document import dump

KEPT_SECONDS = 3600

SELECT_VERSION = "SELECT version FROM profile WHERE tenant = ? AND customer_id = ?"
REPLACE_PROFILE = "REPLACE INTO profile VALUES (?, ?, ?, ?, ?, ?, ?)"
DELETE_EXTENSIONS = "DELETE FROM extension WHERE tenant = ? AND customer_id = ?"
INSERT_EXTENSION = "INSERT INTO extension VALUES (?, ?, ?, ?)"
INSERT_PAST = "INSERT INTO past VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

_ROW = "WHERE tenant = :tenant AND customer_id = :customer_id AND part"
_INSERT = "INSERT INTO profile (tenant, customer_id, part, name, doc"
_VALUES = "VALUES (:tenant, :customer_id"
CQL_STORED = f"SELECT etag, version, extensions FROM profile {_ROW} = 'core' AND name = ''"
CQL_TAG = (
    f"UPDATE profile SET etag = :etag {_ROW} = 'core' AND name = ''"
    " IF etag = :expected_etag AND version = :expected_version"
)
CQL_CORE = (
    f"{_INSERT}, etag, version, state, modified_at, extensions) {_VALUES}, 'core', '',"
    " :attributes, :etag, :version, :state, :made_at, :extensions)"
)
CQL_EXTENSION = f"{_INSERT}) {_VALUES}, 'ext', :name, :records)"
CQL_NO_EXTENSION = f"DELETE FROM profile {_ROW} = 'ext' AND name = :name"
CQL_PAST = (
    f"{_INSERT}, etag, version, operation, modified_at) {_VALUES}, 'past', :past_name,"
    f" :document, :etag, :version, :operation, :made_at) USING TTL {KEPT_SECONDS}"
)


@dataclass(frozen=True, slots=True)
class Write:
    """One change as that release made it; ``extensions`` is None where they stay."""

    operation: str
    attributes: Mapping[str, Any]
    extensions: Mapping[str, Any] | None = None

    @property
    def state(self) -> str:
        return "deleted" if self.operation == "delete" else "live"

    @property
    def document(self) -> bytes:
        """Of the past row."""
        named = {} if self.extensions is None else {"extensions": self.extensions}
        return dump({"attributes": self.attributes, **named})


def prepare(address: StoreAddress) -> None:
    """Make the store as it was then."""
    if isinstance(address, CassandraStore):
        migrate(address, read_migrations()[:1])
        return
    address.path.parent.mkdir(parents=True, exist_ok=True)
    connection = connect(address.path, create=True)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(MIGRATIONS[0][1])
    connection.pragma("user_version", 1)
    connection.close()


def write(address: StoreAddress, key: ProfileKey, *writes: Write) -> None:
    """Let that release make changes of a profile, one after the other."""
    for each in writes:
        if isinstance(address, EmbeddedStore):
            _write_embedded(address, key, each)
        else:
            _write_cassandra(address, key, each)


def _write_embedded(address: EmbeddedStore, key: ProfileKey, made: Write) -> None:
    profile = (key.tenant, key.customer_id)
    connection = connect(address.path)
    stored: Any = connection.execute(SELECT_VERSION, profile).fetchone()
    version = (stored[0] + 1 if stored else 1, uuid4().bytes)
    made_at = datetime.now(UTC).isoformat()
    core = (*profile, *version, made.state, made_at, dump(made.attributes))
    connection.execute(REPLACE_PROFILE, core)
    if made.extensions is not None:
        connection.execute(DELETE_EXTENSIONS, profile)
        rows = [(*profile, name, dump(records)) for name, records in made.extensions.items()]
        connection.executemany(INSERT_EXTENSION, rows)
    kept = (int(time.time()) + KEPT_SECONDS, made.document)
    connection.execute(INSERT_PAST, (*profile, *version, made.operation, made_at, *kept))
    connection.close()


def _write_cassandra(address: CassandraStore, key: ProfileKey, made: Write) -> None:
    connection = Connection(address)
    profile = {"tenant": key.tenant, "customer_id": key.customer_id}
    rows = connection.read(CQL_STORED, profile)
    batch = BatchStatement(BatchType.UNLOGGED)
    for cql, values in _statements(made, *(rows[0] if rows else (None, None, None))):
        batch.add(connection.prepared(cql), profile | values)
    assert connection.apply(batch) is None
    connection.close()


def _statements(
    made: Write, etag: UUID | None, version: int | None, held: frozenset[str] | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    names, number = frozenset(held or ()), (version or 0) + 1
    left = names if made.extensions is None else frozenset(made.extensions)
    core = {
        "attributes": dump(made.attributes),
        "etag": uuid4(),
        "version": number,
        "expected_etag": etag,
        "expected_version": version,
        "state": made.state,
        "made_at": datetime.now(UTC),
        "extensions": left,
    }
    yield CQL_TAG, core
    yield CQL_CORE, core
    for name, records in (made.extensions or {}).items():
        yield CQL_EXTENSION, {"name": name, "records": dump(records)}
    for name in names - left:
        yield CQL_NO_EXTENSION, {"name": name}
    past = {"operation": made.operation, "document": made.document}
    yield CQL_PAST, core | past | {"past_name": f"{10**19 - number:019d}"}

"""Past rows as a store has them, looked at behind the DAO's back."""

from uuid import UUID

from app.dao.cassandra.connection import Connection
from app.dao.embedded.connection import connect
from app.dao.values import ProfileKey, Version
from app.settings import CassandraStore, EmbeddedStore, StoreAddress

PastRow = tuple[Version, str, bytes]

SQL = (
    "SELECT version, write_id, operation, document FROM past"
    " WHERE tenant = ? AND customer_id = ? ORDER BY version DESC"
)
CQL = (
    "SELECT version, etag, operation, doc FROM profile WHERE tenant = :tenant"
    " AND customer_id = :customer_id AND part = 'past'"
)


def past_rows(address: StoreAddress, key: ProfileKey) -> list[PastRow]:
    """The past rows of a profile, newest first: version, operation, document."""
    rows = _embedded(address, key) if isinstance(address, EmbeddedStore) else _cql(address, key)
    return [(Version(number, tag), operation, doc) for number, tag, operation, doc in rows]


def _embedded(address: EmbeddedStore, key: ProfileKey) -> list[tuple[int, UUID, str, bytes]]:
    connection = connect(address.path)
    rows = connection.execute(SQL, (key.tenant, key.customer_id)).fetchall()
    connection.close()
    return [(number, UUID(bytes=tag), *rest) for number, tag, *rest in rows]  # type: ignore[arg-type, misc]


def _cql(address: CassandraStore, key: ProfileKey) -> list[tuple[int, UUID, str, bytes]]:
    connection = Connection(address)
    values = {"tenant": key.tenant, "customer_id": key.customer_id}
    rows = connection.read(CQL, values)
    connection.close()
    return rows

"""Documents of the service on SQLite."""

import time
from typing import Any
from uuid import UUID

import apsw

from app.dao.base import DocumentDao
from app.dao.embedded.connection import Connections, translated
from app.dao.errors import VersionConflict
from app.dao.values import DEFINITION, DocumentKey, StoredDocument

_KEPT = "(expires_at IS NULL OR expires_at > :now)"
SELECT_ONE = (
    "SELECT name, tag, content FROM document"
    f" WHERE scope = :scope AND kind = :kind AND name = :name AND {_KEPT}"
)
SELECT_TAG = "SELECT tag FROM document WHERE scope = ? AND kind = ? AND name = ''"
SELECT_ALL = (
    "SELECT name, tag, content FROM document"
    f" WHERE scope = :scope AND kind = :kind AND {_KEPT} ORDER BY name"
)
SELECT_SCOPES = (
    f"SELECT DISTINCT scope FROM document WHERE kind = :kind AND {_KEPT} ORDER BY scope"
)
REPLACE_DOCUMENT = (
    "REPLACE INTO document (scope, kind, name, tag, expires_at, content)"
    " VALUES (:scope, :kind, :name, :tag, :expires_at, :content)"
)
DELETE_DOCUMENT = (
    "DELETE FROM document WHERE scope = :scope AND kind = :kind AND name = :name AND tag = :tag"
)
DELETE_EXPIRED = "DELETE FROM document WHERE expires_at <= :now"


class EmbeddedDocuments(DocumentDao):
    """The documents in a SQLite file that `migrate` has prepared."""

    _connections: Connections

    def get_document(self, key: DocumentKey) -> StoredDocument | None:
        connection = self._connections.of_this_thread()
        with translated():
            return _one(connection, key)

    def list_documents(self, scope: int, kind: str) -> list[StoredDocument]:
        connection = self._connections.of_this_thread()
        with translated():
            rows = connection.execute(SELECT_ALL, _values(DocumentKey(scope, kind))).fetchall()
        return [_document(row) for row in rows]

    def list_scopes(self, kind: str) -> list[int]:
        connection = self._connections.of_this_thread()
        with translated():
            rows = connection.execute(SELECT_SCOPES, {"kind": kind, "now": int(time.time())})
            return [scope for (scope,) in rows]

    def put_document(
        self,
        key: DocumentKey,
        content: bytes,
        *,
        expected: UUID | None,
        tag: UUID,
        keep_for: int = 0,
    ) -> None:
        expires_at = int(time.time()) + keep_for if keep_for else None
        written = {"tag": tag.bytes, "expires_at": expires_at, "content": content}
        with self._connections.transaction() as connection:
            stored = _one(connection, key)
            if (stored and stored.tag) != expected:
                raise VersionConflict
            connection.execute(DELETE_EXPIRED, _values(key))
            connection.execute(REPLACE_DOCUMENT, _values(key) | written)

    def delete_document(self, key: DocumentKey, expected: UUID) -> None:
        with self._connections.transaction() as connection:
            connection.execute(DELETE_DOCUMENT, _values(key) | {"tag": expected.bytes})


def definition_tag(connection: apsw.Connection, tenant: int) -> UUID | None:
    """The tag of the tenant's definition, for the transaction that relies on it."""
    row = connection.execute(SELECT_TAG, (tenant, DEFINITION)).fetchone()
    return UUID(bytes=row[0]) if row else None


def _one(connection: apsw.Connection, key: DocumentKey) -> StoredDocument | None:
    row = connection.execute(SELECT_ONE, _values(key)).fetchone()
    return _document(row) if row else None


def _document(row: Any) -> StoredDocument:
    name, tag, content = row
    return StoredDocument(name, UUID(bytes=tag), content)


def _values(key: DocumentKey) -> dict[str, Any]:
    return {"scope": key.scope, "kind": key.kind, "name": key.name, "now": int(time.time())}

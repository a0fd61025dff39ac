"""Documents of the service on SQLite."""

import time
from functools import partial
from typing import Any
from uuid import UUID

import apsw

from app.dao.base import DocumentDao
from app.dao.embedded.connection import Connections
from app.dao.embedded.group_commit import GroupCommit
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
    _writer: GroupCommit

    def get_document(self, key: DocumentKey) -> StoredDocument | None:
        return self._connections.read(partial(_one, key))

    def list_documents(self, scope: int, kind: str) -> list[StoredDocument]:
        values = _values(DocumentKey(scope, kind))
        return [_document(row) for row in self._connections.select(SELECT_ALL, values)]

    def list_scopes(self, kind: str) -> list[int]:
        values = {"kind": kind, "now": int(time.time())}
        return [scope for (scope,) in self._connections.select(SELECT_SCOPES, values)]

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

        def put(connection: apsw.Connection) -> None:
            stored = _one(key, connection)
            if (stored and stored.tag) != expected:
                raise VersionConflict
            connection.execute(DELETE_EXPIRED, _values(key))
            connection.execute(REPLACE_DOCUMENT, _values(key) | written)

        self._writer.apply(put)

    def delete_document(self, key: DocumentKey, expected: UUID) -> None:
        def delete(connection: apsw.Connection) -> None:
            connection.execute(DELETE_DOCUMENT, _values(key) | {"tag": expected.bytes})

        self._writer.apply(delete)


def definition_tag(connection: apsw.Connection, tenant: int) -> UUID | None:
    """The tag of the tenant's definition, for the transaction that relies on it."""
    row = connection.execute(SELECT_TAG, (tenant, DEFINITION)).fetchone()
    return UUID(bytes=row[0]) if row else None


def _one(key: DocumentKey, connection: apsw.Connection) -> StoredDocument | None:
    row = connection.execute(SELECT_ONE, _values(key)).fetchone()
    return _document(row) if row else None


def _document(row: Any) -> StoredDocument:
    name, tag, content = row
    return StoredDocument(name, UUID(bytes=tag), content)


def _values(key: DocumentKey) -> dict[str, Any]:
    return {"scope": key.scope, "kind": key.kind, "name": key.name, "now": int(time.time())}

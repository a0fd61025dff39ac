"""Documents of the service on Cassandra: a row each, conditional writes only."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from app.dao.base import DocumentDao
from app.dao.cassandra.connection import Connection
from app.dao.errors import OutcomeUnknown, StoreUnavailable, VersionConflict
from app.dao.values import DocumentKey, StoredDocument
from app.watching import metrics

_ROW = "WHERE scope = :scope AND kind = :kind AND name = :name"
SELECT_ONE = f"SELECT name, tag, content FROM document {_ROW}"
SELECT_TAG = f"SELECT tag FROM document {_ROW}"
SELECT_ALL = "SELECT name, tag, content FROM document WHERE scope = :scope AND kind = :kind"
SELECT_PARTITIONS = "SELECT DISTINCT scope, kind FROM document"
# An update and no insert: with a time to live, the whole row vanishes.
UPDATE_DOCUMENT = (
    f"UPDATE document USING TTL :ttl SET content = :content, tag = :tag {_ROW} IF tag = :expected"
)
DELETE_DOCUMENT = f"DELETE FROM document {_ROW} IF tag = :expected"


class CassandraDocuments(DocumentDao):
    """The documents in the cluster and keyspace of a connection."""

    _connection: Connection

    def get_document(self, key: DocumentKey) -> StoredDocument | None:
        return self._one(key)

    def list_documents(self, scope: int, kind: str) -> list[StoredDocument]:
        rows = self._connection.read(SELECT_ALL, {"scope": scope, "kind": kind})
        return [StoredDocument(*row) for row in rows if row[1] is not None]

    def list_scopes(self, kind: str) -> list[int]:
        rows = self._connection.read(SELECT_PARTITIONS)
        return sorted(scope for scope, found in rows if found == kind)

    def put_document(
        self,
        key: DocumentKey,
        content: bytes,
        *,
        expected: UUID | None,
        tag: UUID,
        keep_for: int = 0,
    ) -> None:
        written = {"content": content, "tag": tag, "expected": expected, "ttl": keep_for}
        values = document_row(key) | written
        try:
            stored = self._connection.apply_one(UPDATE_DOCUMENT, values)
        except OutcomeUnknown:
            self._find_out_document(key, values)
        else:
            if stored is not None and stored.get("tag") != tag:
                raise VersionConflict

    def delete_document(self, key: DocumentKey, expected: UUID) -> None:
        self._connection.apply_one(DELETE_DOCUMENT, document_row(key) | {"expected": expected})

    @metrics.finding_out("document")
    def _find_out_document(self, key: DocumentKey, values: dict[str, Any]) -> None:
        """Where the expected document is still stored, the same write is sent once more: both
        make the same one, and only one of them can.

        :raises OutcomeUnknown: the write without an answer is not what is stored.
        """
        try:
            stored = self._settled_tag(key)
            if stored == values["expected"]:
                with suppress(OutcomeUnknown):
                    self._connection.apply_one(UPDATE_DOCUMENT, values)
                stored = self._settled_tag(key)
        except StoreUnavailable as error:
            raise OutcomeUnknown(str(error)) from error
        if stored != values["tag"]:
            raise OutcomeUnknown("the conditional write was not answered")

    def _settled_tag(self, key: DocumentKey) -> UUID | None:
        rows = self._connection.settled(SELECT_TAG, document_row(key))
        return rows[0][0] if rows else None

    def _one(self, key: DocumentKey) -> StoredDocument | None:
        rows = self._connection.read(SELECT_ONE, document_row(key))
        return StoredDocument(*rows[0]) if rows and rows[0][1] is not None else None


def document_row(key: DocumentKey) -> dict[str, Any]:
    """The values of a document's primary key."""
    return {"scope": key.scope, "kind": key.kind, "name": key.name}

"""A store whose calls are counted and timed."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar
from uuid import UUID

from app.dao.base import Dao
from app.dao.errors import (
    DeadlineExceeded,
    DefinitionChanged,
    OutcomeUnknown,
    StoreUnavailable,
    ValueTaken,
    VersionConflict,
)
from app.dao.findings import Finding
from app.dao.status import Pool, StoreStatus
from app.dao.values import (
    Change,
    DocumentKey,
    Once,
    PastVersion,
    ProfileKey,
    ScanPage,
    StoredDocument,
    StoredProfile,
)
from app.watching import calls

T = TypeVar("T")

# The first that fits counts.
OUTCOMES: dict[type[Exception], str] = {
    VersionConflict: "conflict",
    ValueTaken: "value_taken",
    DefinitionChanged: "definition_changed",
    OutcomeUnknown: "unknown",
    DeadlineExceeded: "deadline_exceeded",
    StoreUnavailable: "unavailable",
    Exception: "failed",
}


class MeasuredDao(Dao):
    """Does what another DAO does."""

    def __init__(self, dao: Dao) -> None:
        self._dao = dao

    @property
    def late_seconds(self) -> float:
        return self._dao.late_seconds

    def get(
        self,
        key: ProfileKey,
        extensions: Iterable[str] = (),
        *,
        for_change: bool = False,
        once: Once | None = None,
    ) -> StoredProfile | None:
        get = partial(self._dao.get, key, extensions, for_change=for_change, once=once)
        return _measured("get", get)

    def get_many(
        self, tenant: int, customer_ids: Iterable[str], extensions: Iterable[str] = ()
    ) -> dict[str, StoredProfile]:
        get = partial(self._dao.get_many, tenant, customer_ids, extensions)
        return _measured("get_many", get)

    def commit(self, change: Change) -> None:
        _measured("commit", partial(self._dao.commit, change))

    def past(
        self, key: ProfileKey, below: int, limit: int, *, documents: bool = False
    ) -> list[PastVersion]:
        past = partial(self._dao.past, key, below, limit, documents=documents)
        return _measured("past", past)

    def find(
        self, tenant: int, key: str, value: bytes, after: str = "", limit: int = 1000
    ) -> list[str]:
        return _measured("find", partial(self._dao.find, tenant, key, value, after, limit))

    def scan(self, tenant: int | None, start: str | None, limit: int) -> ScanPage:
        return _measured("scan", partial(self._dao.scan, tenant, start, limit))

    def get_document(self, key: DocumentKey) -> StoredDocument | None:
        return _measured("get_document", partial(self._dao.get_document, key))

    def list_documents(self, scope: int, kind: str) -> list[StoredDocument]:
        return _measured("list_documents", partial(self._dao.list_documents, scope, kind))

    def list_scopes(self, kind: str) -> list[int]:
        return _measured("list_scopes", partial(self._dao.list_scopes, kind))

    def put_document(
        self,
        key: DocumentKey,
        content: bytes,
        *,
        expected: UUID | None,
        tag: UUID,
        keep_for: int = 0,
    ) -> None:
        put = partial(self._dao.put_document, key, content, expected=expected, tag=tag)
        _measured("put_document", partial(put, keep_for=keep_for))

    def delete_document(self, key: DocumentKey, expected: UUID) -> None:
        _measured("delete_document", partial(self._dao.delete_document, key, expected))

    def status(self) -> StoreStatus:
        return _measured("status", self._dao.status)

    def examine(self) -> list[Finding]:
        return self._dao.examine()

    def pools(self) -> list[Pool]:
        return self._dao.pools()

    def close(self) -> None:
        self._dao.close()


def _measured(operation: str, call: Callable[[], T]) -> T:
    started = time.perf_counter()
    try:
        answer = call()
    except Exception as error:
        outcome = next(told for kind, told in OUTCOMES.items() if isinstance(error, kind))
        calls.record(operation, outcome, time.perf_counter() - started)
        raise
    calls.record(operation, "ok", time.perf_counter() - started)
    return answer

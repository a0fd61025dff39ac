"""A store whose methods raise, for what no real store can be brought to do."""

from typing import Any

from app.dao.base import Dao
from app.dao.findings import Finding
from app.dao.status import Pool, StoreStatus
from app.dao.values import PastVersion, ScanPage, StoredDocument, StoredProfile


class FailingDao(Dao):
    """Raises ``commit_error`` from `commit` and ``error`` from all else, None: nothing.

    What does not raise finds a prepared store with nothing in it, and keeps nothing.
    """

    late_seconds = 0.0

    def __init__(self, error: Exception | None, commit_error: Exception | None = None) -> None:
        self._error = error
        self._commit_error = commit_error or error

    def get(self, *_: Any, **__: Any) -> StoredProfile | None:
        self._fail()
        return None

    def get_many(self, *_: Any) -> dict[str, StoredProfile]:
        self._fail()
        return {}

    def commit(self, *_: Any) -> None:
        if self._commit_error:
            raise self._commit_error

    def past(self, *_: Any, **__: Any) -> list[PastVersion]:
        self._fail()
        return []

    def find(self, *_: Any, **__: Any) -> list[str]:
        self._fail()
        return []

    def scan(self, *_: Any) -> ScanPage:
        self._fail()
        return ScanPage((), None)

    def get_document(self, *_: Any) -> StoredDocument | None:
        self._fail()
        return None

    def list_documents(self, *_: Any) -> list[StoredDocument]:
        self._fail()
        return []

    def list_scopes(self, *_: Any) -> list[int]:
        self._fail()
        return []

    def put_document(self, *_: Any, **__: Any) -> None:
        self._fail()

    def delete_document(self, *_: Any) -> None:
        self._fail()

    def status(self) -> StoreStatus:
        self._fail()
        return StoreStatus("none", ())

    def pools(self) -> list[Pool]:
        return []

    def examine(self) -> list[Finding]:
        self._fail()
        return []

    def close(self) -> None:
        """There is nothing open."""

    def _fail(self) -> None:
        if self._error:
            raise self._error

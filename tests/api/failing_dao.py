"""A store whose methods raise, for what no real store can be brought to do."""

from typing import Any

from app.dao.base import ProfileDao, StoredProfile, StoreStatus


class FailingDao(ProfileDao):
    """Raises ``commit_error`` from `commit` and ``error`` from what reads, None: nothing."""

    def __init__(self, error: Exception | None, commit_error: Exception | None = None) -> None:
        self._error = error
        self._commit_error = commit_error or error

    def get(self, *_: Any, **__: Any) -> StoredProfile | None:
        if self._error:
            raise self._error
        return None

    def commit(self, *_: Any) -> None:
        if self._commit_error:
            raise self._commit_error

    def status(self) -> StoreStatus:
        if self._error:
            raise self._error
        return StoreStatus("none", ())

    def close(self) -> None:
        """There is nothing open."""

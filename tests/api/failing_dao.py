"""A store whose every method raises, for what no real store can be brought to do."""

from collections.abc import Iterable

from app.dao.base import Change, ProfileDao, ProfileKey, StoredProfile, StoreStatus


class FailingDao(ProfileDao):
    """Raises ``commit_error`` from `commit`, and ``error`` from what reads, if given."""

    def __init__(self, error: Exception | None, commit_error: Exception | None = None) -> None:
        self._error = error
        self._commit_error = commit_error or error

    def get(
        self, key: ProfileKey, extensions: Iterable[str] = (), *, for_change: bool = False
    ) -> StoredProfile | None:
        if self._error:
            raise self._error
        return None

    def commit(self, change: Change) -> None:
        if self._commit_error:
            raise self._commit_error

    def status(self) -> StoreStatus:
        if self._error:
            raise self._error
        return StoreStatus("none", ())

    def close(self) -> None:
        """There is nothing open."""

"""The history of a profile: what was changed, and what the profile was like before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from app.dao.base import ProfileDao
from app.dao.values import Operation, PastVersion, ProfileKey, StoredProfile, Version
from app.services.definitions import Revision
from app.services.errors import ProfileNotFound, VersionExpired, VersionNotFound
from app.services.paging import page_of
from app.services.profile import Profile, masked, profile_of
from app.services.revisions import ATTRIBUTES, PastRow, Snapshot, past_row, reconstruct
from app.services.survivors import Survivors

ROWS_PER_READ = 20


@dataclass(frozen=True, slots=True)
class History:
    """Some versions of a profile, newest first; ``next`` is the number to go on below."""

    customer_id: str
    versions: tuple[PastVersion, ...]
    next: int | None


class HistoryService:
    """Reads the past. Raises `StoreUnavailable` where the store cannot be asked."""

    def __init__(self, dao: ProfileDao, survivors: Survivors) -> None:
        self._dao = dao
        self._survivors = survivors

    def versions(self, key: ProfileKey, limit: int, below: int | None = None) -> History:
        """Up to ``limit`` versions under the number ``below``, as far as they are kept.

        Fewer where what is kept of them is more than one answer takes. What was before a
        deletion, or before a version that is not kept, is not told.

        :raises ProfileNotFound: there is no such profile.
        """
        survivor, stored = self._current(key)
        first = min(below or stored.version.number + 1, stored.version.number + 1)
        told = _of_one_life(self._past(survivor, first), first - 1)
        page, more = page_of(told, limit, lambda row: len(row.note))
        after = page[-1].version.number if more else None
        return History(survivor.customer_id, tuple(page), after)

    def query(
        self, key: ProfileKey, number: int, revision: Revision, extensions: Iterable[str] = ()
    ) -> Profile:
        """The profile as it was at the version ``number``; what is sensitive is masked always.

        :raises ProfileNotFound: there is no such profile.
        :raises VersionNotFound: it never had this version, or was deleted since.
        :raises VersionExpired: what is needed of the past is no longer kept.
        """
        rows = [revision.schema.stored_name(name) for name in extensions]
        survivor, stored = self._current(key, rows)
        then = self._then(survivor, stored, number, rows)
        return masked(profile_of(survivor.customer_id, then, revision))

    def made(self, key: ProfileKey, version: Version, revision: Revision) -> Profile:
        """All of the profile as a recent change made it, as stored.

        :raises ProfileNotFound: there is no such profile any more.
        :raises VersionNotFound: it is another one now.
        :raises VersionExpired: what is needed of the past is not kept.
        """
        rows = revision.schema.rows
        survivor, stored = self._current(key, rows)
        then = self._then(survivor, stored, version.number, rows)
        if then.version != version:
            raise VersionNotFound
        return profile_of(key.customer_id, then, revision)

    def _then(
        self, survivor: ProfileKey, stored: StoredProfile, number: int, rows: Iterable[str]
    ) -> StoredProfile:
        """``stored``, which was read with ``rows``, as it was at the version ``number``."""
        now = Snapshot(stored.version.number, {ATTRIBUTES: stored.attributes, **stored.extensions})
        then = reconstruct(now, self._rows(survivor, stored), number, rows)
        parts = dict(then.parts)
        return replace(
            stored,
            version=stored.version if number == now.number else self._at(survivor, number).version,
            attributes=parts.pop(ATTRIBUTES, b"{}"),
            extensions=parts,
        )

    def _current(
        self, key: ProfileKey, rows: Iterable[str] = ()
    ) -> tuple[ProfileKey, StoredProfile]:
        read = self._survivors.read(key, rows)
        if read is None:
            raise ProfileNotFound
        return read

    def _at(self, key: ProfileKey, number: int) -> PastVersion:
        for row in self._dao.past(key, number + 1, 1):
            if row.version.number == number:
                return row
        raise VersionExpired

    def _rows(self, key: ProfileKey, stored: StoredProfile) -> Iterator[PastRow]:
        """The past rows from the current version down, read as far as they are taken."""
        for row in self._past(key, stored.version.number + 1, documents=True):
            yield past_row(row.version.number, row.operation, row.document or b"{}", row.note)

    def _past(
        self, key: ProfileKey, below: int, *, documents: bool = False
    ) -> Iterator[PastVersion]:
        while rows := self._dao.past(key, below, ROWS_PER_READ, documents=documents):
            yield from rows
            if len(rows) < ROWS_PER_READ:
                return
            below = rows[-1].version.number


def _of_one_life(rows: Iterable[PastVersion], newest: int) -> Iterator[PastVersion]:
    """The rows from the version ``newest`` down to the creation, none of them missing."""
    for number, row in zip(count(newest, -1), rows, strict=False):
        if row.version.number != number or row.operation is Operation.DELETE:
            return
        yield row
        if row.operation is Operation.CREATE:
            return

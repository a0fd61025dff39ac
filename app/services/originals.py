"""Where profiles are brought from: their tenants and definitions, and each profile as it is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from app.concurrency import waiting
from app.dao.base import Dao
from app.dao.values import (
    DEFINITION,
    DocumentKey,
    PastVersion,
    ProfileKey,
    StoredDocument,
    StoredProfile,
    Version,
)
from app.services.cursors import SECRET
from app.services.definitions import Revision, read_revision
from app.services.errors import StoreBusy, TransferRefused
from app.services.jobs import Jobs
from app.services.scanning import pages
from app.services.survivors import UNSETTLED, Survivors
from app.services.writer import pauses

# What is held in memory at a time: these, each at most 3 MiB, and as many past versions.
PROFILES_PER_PAGE = 100
_NUMBERS_PER_PAGE = 1000
# Each may be as large as a profile.
_DOCUMENTS_PER_PAGE = 10


class Original(ABC):
    """One profile of a source."""

    def __init__(self, key: ProfileKey) -> None:
        self.key = key

    @abstractmethod
    def read(self) -> StoredProfile | None:
        """The profile with all its records, in no state that is a step of a merge.

        :raises StoreBusy: merges are under way all the time.
        """

    @abstractmethod
    def version(self, number: int) -> Version | None:
        """The version of a number, None where its past row is not kept."""

    @abstractmethod
    def versions(self, above: int, newest: int) -> Iterator[PastVersion]:
        """The past rows of the versions above one number, oldest first, that are still kept."""


@dataclass(frozen=True, slots=True)
class OriginalPage:
    """Some profiles of a tenant; ``next`` is None after the last."""

    originals: tuple[Original, ...]
    next: str | None


class Source(ABC):
    """What holds all that there is of some tenants. Safe for use by several threads."""

    @abstractmethod
    def tenants(self) -> list[int]:
        """All that ever had a profile, or a definition of their own, in ascending order."""

    @abstractmethod
    def secret(self) -> StoredDocument | None:
        """What cursors are signed with."""

    @abstractmethod
    def definition(self, tenant: int) -> StoredDocument | None:
        """The definition in force."""

    @abstractmethod
    def is_changing(self, tenant: int, /) -> bool:
        """Whether background jobs are at work on its profiles."""

    @abstractmethod
    def pages(self, revision: Revision, start: str | None = None) -> Iterator[OriginalPage]:
        """All profiles of a tenant, in whatever state, from ``start`` on."""

    def begin(self, tenant: int) -> tuple[StoredDocument, Revision]:
        """The definition of a tenant that can be read now, as it is stored and compiled.

        :raises TransferRefused: there is none, or its profiles are just being changed by one.
        """
        stored = self.definition(tenant)
        if stored is None:
            raise TransferRefused(f"There is no tenant {tenant} in the source.")
        if self.is_changing(tenant):
            raise TransferRefused(
                f"Tenant {tenant} has background jobs that are not finished; let a running service"
                " finish them, or `profiles definition apply --wait`."
            )
        return stored, read_revision(tenant, stored)

    def confirm(self, tenant: int, tag: UUID) -> None:
        """Make sure that the definition of that tag is still in force.

        :raises TransferRefused: it is not; what was read may be of both.
        """
        stored = self.definition(tenant)
        if stored is None or stored.tag != tag:
            raise TransferRefused(
                f"The definition of tenant {tenant} was changed while it was read; begin again,"
                " with an empty store or another file to write to."
            )


class StoreSource(Source):
    """All that a store holds. Profiles may be written meanwhile, a definition not changed."""

    def __init__(self, dao: Dao, keep_past_for: int) -> None:
        """``keep_past_for``: seconds that past versions are kept, for merges to be settled."""
        self._dao = dao
        self._survivors = Survivors(dao, keep_past_for)

    def tenants(self) -> list[int]:
        return self._dao.list_scopes(DEFINITION)

    def secret(self) -> StoredDocument | None:
        return self._dao.get_document(SECRET)

    def definition(self, tenant: int) -> StoredDocument | None:
        return self._dao.get_document(DocumentKey(tenant, DEFINITION))

    def is_changing(self, tenant: int, /) -> bool:
        return any(job.tenant == tenant for job, _ in Jobs(self._dao).unfinished())

    def pages(self, revision: Revision, start: str | None = None) -> Iterator[OriginalPage]:
        for page in pages(self._dao, revision.tenant, PROFILES_PER_PAGE, start):
            yield OriginalPage(
                tuple(self._original(key, revision) for key in page.keys), page.next
            )

    def _original(self, key: ProfileKey, revision: Revision) -> Original:
        return _StoredOriginal(key, self._dao, self._survivors, revision)


class _StoredOriginal(Original):
    def __init__(
        self, key: ProfileKey, dao: Dao, survivors: Survivors, revision: Revision
    ) -> None:
        super().__init__(key)
        self._dao = dao
        self._survivors = survivors
        self._revision = revision

    def read(self) -> StoredProfile | None:
        for pause in pauses("copy"):
            stored = self._dao.get(self.key, self._revision.schema.rows, for_change=True)
            if stored is None or stored.state not in UNSETTLED:
                return stored
            self._survivors.settle(self.key, stored)
            waiting.sleep(pause)
        raise StoreBusy

    def version(self, number: int) -> Version | None:
        rows = self._dao.past(self.key, number + 1, 1)
        return rows[0].version if rows and rows[0].version.number == number else None

    def versions(self, above: int, newest: int) -> Iterator[PastVersion]:
        numbers = sorted(self._numbers(above, newest))
        for start in range(0, len(numbers), _DOCUMENTS_PER_PAGE):
            few = numbers[start : start + _DOCUMENTS_PER_PAGE]
            yield from reversed(self._dao.past(self.key, few[-1] + 1, len(few), documents=True))

    def _numbers(self, above: int, newest: int) -> Iterator[int]:
        below = newest + 1
        while rows := self._dao.past(self.key, below, min(_NUMBERS_PER_PAGE, below - above)):
            yield from (number for row in rows if (number := row.version.number) > above)
            below = rows[-1].version.number
            if below <= above + 1:
                return

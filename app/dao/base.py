"""What a store has to do, and nothing about how.

A store keeps, for every profile, its core attributes, the records of each extension, the
entries that identification finds it by and, for a while, one past row per change. Every
change is one conditional `Change`, applied as a whole or not at all. Beside profiles it keeps
documents of the service itself. The rules live in `app.services`; a store knows none of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from uuid import UUID

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


class ProfileDao(ABC):
    """The profiles of one store. Safe for use by several threads.

    Every method raises `StoreUnavailable` when the store cannot be reached or used.
    """

    @property
    @abstractmethod
    def late_seconds(self) -> float:
        """How long after a definition changed a commit under the one before may be applied."""

    @abstractmethod
    def get(
        self,
        key: ProfileKey,
        extensions: Iterable[str] = (),
        *,
        for_change: bool = False,
        once: Once | None = None,
    ) -> StoredProfile | None:
        """The profile with the records of ``extensions``, or None if it never existed.

        The records come in the order of ``extensions``. A profile that is not live is returned
        in its state. An answered `commit` is always seen. With ``for_change`` all that the
        next `Change` needs comes along, and the receipt of ``once``: if there is none, a
        change of this version is the first to leave it.
        """

    @abstractmethod
    def get_many(
        self, tenant: int, customer_ids: Iterable[str], extensions: Iterable[str] = ()
    ) -> dict[str, StoredProfile]:
        """Each as `get` answers it, by its id; those that never existed are left out.

        Each is at one version; they need not be as they were at one moment.
        """

    @abstractmethod
    def commit(self, change: Change) -> None:
        """Apply ``change`` as a whole, durably, if the profile is at its expected version.

        `find` has the new entries at the latest when the change is visible.

        :raises VersionConflict: it is not, or another writer is about to take a unique value;
            nothing was changed.
        :raises ValueTaken: another profile holds a unique value; nothing was changed.
        :raises DefinitionChanged: nothing was changed.
        :raises OutcomeUnknown: it may be applied, now or later.
        """

    @abstractmethod
    def past(
        self, key: ProfileKey, below: int, limit: int, *, documents: bool = False
    ) -> list[PastVersion]:
        """Up to ``limit`` past rows of versions under the number ``below``, newest first."""

    @abstractmethod
    def find(
        self, tenant: int, key: str, value: bytes, after: str = "", limit: int = 1000
    ) -> list[str]:
        """The profiles with an entry for ``value`` of the key, by id, each once, after ``after``.

        Some may not hold the value (any more): look at each. All that hold it are there.
        """

    @abstractmethod
    def scan(self, tenant: int | None, start: str | None, limit: int) -> ScanPage:
        """About ``limit`` profiles of a tenant or of all, in whatever state, from ``start`` on.

        One that exists all the while is met once in going through all pages.
        """


class DocumentDao(ABC):
    """The documents of the service itself. Errors as those of `ProfileDao`."""

    @abstractmethod
    def get_document(self, key: DocumentKey) -> StoredDocument | None:
        """The document, or None. An answered change is always seen."""

    @abstractmethod
    def list_documents(self, scope: int, kind: str) -> list[StoredDocument]:
        """All documents of one kind, by name."""

    @abstractmethod
    def list_scopes(self, kind: str) -> list[int]:
        """The scopes that have a document of one kind, in ascending order."""

    @abstractmethod
    def put_document(
        self,
        key: DocumentKey,
        content: bytes,
        *,
        expected: UUID | None,
        tag: UUID,
        keep_for: int = 0,
    ) -> None:
        """Write the document if the one stored has the tag ``expected``, None for none there.

        It vanishes after ``keep_for`` seconds, 0 for never.

        :raises VersionConflict: it has another.
        :raises OutcomeUnknown: it may be applied, now or later.
        """

    @abstractmethod
    def delete_document(self, key: DocumentKey, expected: UUID) -> None:
        """Remove the document if it has the tag ``expected``, and nothing otherwise."""


class Dao(ProfileDao, DocumentDao):
    """One store; opened in the process that uses it."""

    @abstractmethod
    def status(self) -> StoreStatus:
        """Whether the store is there and prepared. Reads only."""

    @abstractmethod
    def pools(self) -> list[Pool]:
        """The connections that this process has open now. Asks nobody, and opens none."""

    @abstractmethod
    def examine(self) -> list[Finding]:
        """What an administrator should know of it, beside its `status`. Reads only."""

    @abstractmethod
    def close(self) -> None:
        """Give up connections. Harmless when called twice."""

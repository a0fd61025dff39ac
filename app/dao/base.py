"""What a store has to do, and nothing about how.

A store keeps, for every profile, its core attributes, the records of each extension and,
for a while, one past row per change. Documents are JSON texts: bytes that a store neither
reads nor changes. Every change is one conditional `Change`, applied as a whole or not at
all. The rules live in `app.services`; a store knows none of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from schemas.document import splice


class StoreUnavailable(Exception):
    """The store cannot be reached or used now. The message is for the log."""


class StoreNotPrepared(StoreUnavailable):
    """The store lacks tables or migrations that this release needs."""


class MigrationStopped(Exception):
    """Preparing the store cannot go on; the message says why, and how to mend it."""


class OutcomeUnknown(StoreUnavailable):
    """A change was sent, and the store cannot say whether it was applied."""


class VersionConflict(Exception):
    """The profile is not at the version that the change expects; nothing was changed."""


class State(StrEnum):
    """What a core row stands for. A deleted one stays, so that versions go on."""

    LIVE = "live"
    DELETED = "deleted"


class Operation(StrEnum):
    """Which operation made a change, as its past row tells."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    LOAD = "load"


@dataclass(frozen=True, slots=True)
class ProfileKey:
    """Where a profile is: a tenant (64 bit) and 1 to 16 characters."""

    tenant: int
    customer_id: str


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a whole profile: ``number`` counts from 1, ``write_id`` never repeats."""

    number: int
    write_id: UUID


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A profile at one version: never parts of two.

    ``extensions`` are the records of those asked for that have some. ``extension_names`` are
    all that have some, None where the read was not for a change. A deleted profile has no
    content.
    """

    version: Version
    state: State
    attributes: bytes
    extensions: Mapping[str, bytes] = field(default_factory=dict)
    extension_names: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The next version of a profile.

    ``expected`` is the version that must be stored, None where no row may be. ``extensions``
    is the whole new set of records by name, or None to leave all of them untouched.
    ``stored_names`` are the extensions with records at ``expected``, None where that is not
    known, which goes with untouched extensions only. ``keep_past_for`` is how long the past
    row lives, in seconds; 0 writes none.
    """

    key: ProfileKey
    expected: Version | None
    version: Version
    operation: Operation
    made_at: datetime
    attributes: bytes
    extensions: Mapping[str, bytes] | None
    stored_names: frozenset[str] | None = frozenset()
    state: State = State.LIVE
    keep_past_for: int

    @property
    def removed_names(self) -> frozenset[str]:
        """The extensions whose records this change removes."""
        if self.extensions is None or self.stored_names is None:
            return frozenset()
        return self.stored_names - self.extensions.keys()

    @property
    def extension_names(self) -> frozenset[str] | None:
        """The extensions with records after this change, None where that is not known."""
        return self.stored_names if self.extensions is None else frozenset(self.extensions)

    @property
    def past_document(self) -> bytes:
        """The parts as this change writes them: a JSON object, for the past row."""
        parts = {"attributes": self.attributes}
        if self.extensions is not None:
            parts["extensions"] = splice(self.extensions.items())
        return splice(parts.items())


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What readiness tells: the store's product and version, and what it lacks."""

    product: str
    pending_migrations: tuple[str, ...]


class ProfileDao(ABC):
    """One store. Safe for use by several threads; opened in the process that uses it.

    Every method raises `StoreUnavailable` when the store cannot be reached or used.
    """

    @abstractmethod
    def get(
        self, key: ProfileKey, extensions: Iterable[str] = (), *, for_change: bool = False
    ) -> StoredProfile | None:
        """The profile with the records of ``extensions``, or None if it never existed.

        The records come in the order of ``extensions``. A deleted profile is returned in its
        state. An answered `commit` is always seen. With ``for_change`` the names of all
        extensions that have records come along.
        """

    @abstractmethod
    def commit(self, change: Change) -> None:
        """Apply ``change`` as a whole, durably, if the profile is at its expected version.

        :raises VersionConflict: it is not; nothing was changed.
        :raises OutcomeUnknown: it may be applied, now or later.
        """

    @abstractmethod
    def status(self) -> StoreStatus:
        """Whether the store is there and prepared. Reads only."""

    @abstractmethod
    def close(self) -> None:
        """Give up connections. Harmless when called twice."""

"""What goes into a store and comes out of it: small immutable values.

Documents are JSON texts: bytes that a store neither reads nor changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from schemas.document import dump, splice
from schemas.identity import Entry

CORE = ""
SERVER = -1
DEFINITION = "definition"

RECEIPT_SECONDS = 86_400
"""How long a receipt is kept."""


class State(StrEnum):
    """What a core row stands for.

    A deleted one stays, so that versions go on. One that is merged away is MERGING, then an
    ALIAS of the survivor; RESTORING while an unfinished merge is being taken back.
    """

    LIVE = "live"
    DELETED = "deleted"
    MERGING = "merging"
    RESTORING = "restoring"
    ALIAS = "alias"


class Operation(StrEnum):
    """Which operation made a change, as its past row tells.

    MARK is a step of a merge that leaves the content as it is.
    """

    CREATE = "create"
    UPDATE = "update"
    PATCH = "patch"
    DELETE = "delete"
    LOAD = "load"
    INSERT_RECORDS = "insert_records"
    REPLACE_EXTENSION = "replace_extension"
    REMOVE_EXTENSION = "remove_extension"
    UPDATE_RECORD = "update_record"
    DELETE_RECORD = "delete_record"
    MERGE = "merge"
    MARK = "mark"


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
class Link:
    """Where a profile is merged ``into``, and by which merge."""

    merge: UUID
    into: str


@dataclass(frozen=True, slots=True)
class Once:
    """An operation that is to be done once, however often it is asked for.

    ``name`` stands for the name that its caller gives it, ``request`` for all that it asks;
    both are digests, in hex.
    """

    name: str
    request: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """That the operation of a `Once` was done: what it asked, and which version it made."""

    request: str
    operation: Operation
    version: Version


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A profile at one version: never parts of two.

    ``extensions`` are the records of those asked for that have some. ``extension_names`` are
    all that have some, None where the read was not for a change; likewise ``merges``, the
    merges that this profile took in, and ``basis``, which is the store's own and belongs into
    the change that follows. ``link`` says where a profile that is not live leads. A deleted
    profile has no content. ``receipt`` is that of the operation asked for, if it was done.
    """

    version: Version
    state: State
    attributes: bytes
    modified_at: datetime
    extensions: Mapping[str, bytes] = field(default_factory=dict)
    extension_names: frozenset[str] | None = None
    link: Link | None = None
    merges: frozenset[UUID] = frozenset()
    basis: Any = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The next version of a profile.

    ``expected`` is the version that must be stored, None where no row may be. ``basis`` is
    what the read of that version gave; None where it was not read, and then the change is
    refused unless the profile is live and the entries of the core part stay as they are.

    ``records`` are the extensions written, ``removed`` those taken away, all others stay;
    ``extension_names`` are those with records afterwards, None where that is not known.
    ``entries`` are the identity entries of the parts written, `CORE` or an extension; other
    parts keep theirs. ``merges`` and ``link`` as in `StoredProfile`; None leaves the merges.

    A version that equals ``expected`` renews entries and takes rows away without being a
    change of the profile: no past row tells of it.

    ``definition`` is the tag of the definition that it was made under, None for any.
    Values of unique keys that the profile ``source`` holds may be taken; ``heir`` is the
    profile that inherits those which this one gives up, and holds their values already. ``note``
    is a JSON object for the history. ``keep_past_for`` is how long the past row lives, in
    seconds; 0 writes none. ``once`` leaves a receipt for `RECEIPT_SECONDS`.
    """

    key: ProfileKey
    expected: Version | None
    version: Version
    operation: Operation
    made_at: datetime
    attributes: bytes
    records: Mapping[str, bytes] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    extension_names: frozenset[str] | None = frozenset()
    entries: Mapping[str, frozenset[Entry]] = field(default_factory=dict)
    basis: Any = None
    state: State = State.LIVE
    link: Link | None = None
    merges: frozenset[UUID] | None = None
    definition: UUID | None = None
    source: str | None = None
    heir: str | None = None
    note: bytes = b"{}"
    keep_past_for: int
    once: Once | None = None

    @property
    def keeps_version(self) -> bool:
        """Whether the profile stays the version that it is."""
        return self.version == self.expected

    @property
    def is_blind(self) -> bool:
        """Whether the version that it replaces was not read."""
        return self.expected is not None and self.basis is None

    @property
    def all_entries(self) -> dict[str, frozenset[Entry]]:
        """The entries of every part that the change writes or removes."""
        return dict.fromkeys(self.removed, frozenset[Entry]()) | dict(self.entries)

    @property
    def past_document(self) -> bytes:
        """The parts as this change writes them: a JSON object, for the past row."""
        parts = {"attributes": self.attributes}
        if self.records:
            parts["extensions"] = splice(self.records.items())
        if self.removed:
            parts["removed"] = dump(sorted(self.removed))
        return splice(parts.items())


def renewal(key: ProfileKey, stored: StoredProfile) -> Change:
    """``stored`` written once more, so that changes based on an earlier read are refused."""
    return Change(
        key=key,
        expected=stored.version,
        version=stored.version,
        operation=Operation.MARK,
        made_at=stored.modified_at,
        attributes=stored.attributes,
        extension_names=stored.extension_names,
        basis=stored.basis,
        state=stored.state,
        link=stored.link,
        keep_past_for=0,
    )


@dataclass(frozen=True, slots=True)
class PastVersion:
    """What the past row of one version tells; ``document`` is None unless asked for."""

    version: Version
    operation: Operation
    made_at: datetime
    note: bytes
    document: bytes | None = None


@dataclass(frozen=True, slots=True)
class ScanPage:
    """Some profiles, in the store's own order; ``next`` is None after the last."""

    keys: tuple[ProfileKey, ...]
    next: str | None

    @property
    def customer_ids(self) -> tuple[str, ...]:
        """The ids, which say all where one tenant was asked for."""
        return tuple(key.customer_id for key in self.keys)


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """Where a document is: a tenant or `SERVER`, what it is, and which one."""

    scope: int
    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document of the service itself; ``tag`` is new with every change."""

    name: str
    tag: UUID
    content: bytes


def state_text(state: State, link: Link | None) -> str:
    """How a store keeps a state and where it leads: one value, written with every change."""
    return state if link is None else f"{state} {link.merge} {link.into}"


def state_of(text: str) -> tuple[State, Link | None]:
    """What `state_text` made ``text`` of."""
    state, _, rest = text.partition(" ")
    if not rest:
        return State(state), None
    merge, _, into = rest.partition(" ")
    return State(state), Link(UUID(merge), into)

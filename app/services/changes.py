"""From what is stored and what is asked for to the next version of a profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from app.dao.values import (
    CORE,
    Change,
    Once,
    Operation,
    ProfileKey,
    State,
    StoredProfile,
    Version,
)
from app.services.definitions import Revision
from app.services.errors import ProfileMerged, ProfileNotFound, ProfileTooLarge
from schemas.document import dump
from schemas.identity import Entry, TooManyEntries
from schemas.profile import ProfileContent

# As the past row repeats them, half of what one mutation may be on a node with its defaults,
# and a little less than the largest message of one with small commit log segments.
MAX_STORED_BYTES = 3 * 1024 * 1024
ATTRIBUTES = "attributes"
_ENDED = 5


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a profile that a change writes.

    ``attributes`` is None where they stay. ``records`` holds what extensions will have, None
    for nothing; those that it does not name stay, unless the parts are ``whole``.
    """

    attributes: dict[str, Any] | None
    records: Mapping[str, Any] = field(default_factory=dict)
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what a change is made, and what the history is to tell of it.

    ``keep_past_for``: for how many seconds it does, 0 for not at all. ``once``: what the
    change does, where that may be done only once.
    """

    revision: Revision
    keep_past_for: int
    told: Mapping[str, Any] = field(default_factory=dict)
    once: Once | None = None


def live(stored: StoredProfile | None) -> StoredProfile | None:
    """``stored`` if there is a profile in it, None for a missing, deleted or merged one."""
    return stored if stored and stored.state is State.LIVE else None


def found(stored: StoredProfile | None) -> StoredProfile:
    """The live profile in ``stored``.

    :raises ProfileNotFound: there is none.
    :raises ProfileMerged: it is another one now.
    """
    if stored and stored.state is State.ALIAS and stored.link:
        raise ProfileMerged(stored.link.into)
    profile = live(stored)
    if profile is None:
        raise ProfileNotFound
    return profile


def next_version(version: Version | None) -> Version:
    """A version that no profile has had before."""
    return Version(version.number + 1 if version else 1, uuid4())


def overwriting(content: ProfileContent, stored: StoredProfile | None) -> Parts:
    """All attributes, and all extensions if ``content`` names any."""
    named = content.extensions
    whole = named is not None or live(stored) is None
    return Parts(content.attributes, named or {}, whole=whole)


def change(
    key: ProfileKey,
    operation: Operation,
    parts: Parts,
    stored: StoredProfile | None,
    terms: Terms,
) -> Change:
    """The next version of ``stored``, with ``parts`` written.

    Where ``stored`` does not say which extensions have records, nor does the change.

    :raises ProfileTooLarge: it takes more room, or has more values to be found by, than it may.
    """
    schema = terms.revision.schema
    before = stored.extension_names or frozenset() if stored else frozenset()
    written = {schema.stored_name(name): each for name, each in parts.records.items()}
    texts = {name: dump(each) for name, each in written.items() if each is not None}
    kept = before - written.keys() if not parts.whole else frozenset[str]()
    attributes = _attributes(parts, stored)
    if len(attributes) + sum(map(len, texts.values())) > MAX_STORED_BYTES:
        raise ProfileTooLarge
    removed = before - kept - texts.keys()
    return Change(
        key=key,
        expected=stored.version if stored else None,
        version=next_version(stored.version if stored else None),
        operation=operation,
        made_at=datetime.now(UTC),
        attributes=attributes,
        records=texts,
        removed=removed,
        extension_names=None if stored and stored.extension_names is None else kept | texts.keys(),
        entries=entries_of(terms.revision, parts.attributes, parts.records),
        basis=stored.basis if stored else None,
        merges=ended(stored.merges) if stored and not live(stored) else None,
        definition=terms.revision.tag,
        note=_note(parts, [*texts, *sorted(removed)], terms),
        keep_past_for=terms.keep_past_for,
        once=terms.once,
    )


def change_unread(
    key: ProfileKey, content: ProfileContent, expected: Version, terms: Terms
) -> Change:
    """All attributes of the version ``expected`` replaced, whatever else it holds.

    :raises ProfileTooLarge: as `change` does.
    """
    unread = StoredProfile(expected, State.LIVE, b"{}", datetime.now(UTC))
    return change(key, Operation.UPDATE, Parts(content.attributes), unread, terms)


def removal(key: ProfileKey, stored: StoredProfile, terms: Terms) -> Change:
    """All content of ``stored`` gone; its row stays, so that versions go on."""
    made = change(key, Operation.DELETE, Parts({}, whole=True), stored, terms)
    return replace(made, state=State.DELETED, merges=ended(stored.merges))


def ended(merges: frozenset[UUID]) -> frozenset[UUID]:
    """``merges`` of a profile that is gone: what was merged into it is gone too, for good.

    They are kept, as one of them may still have to be finished.
    """
    return frozenset(map(ended_merge, merges))


def ended_merge(merge: UUID) -> UUID:
    """What stands for ``merge``, a random UUID, once it has ended; of that, it is itself."""
    return merge if merge.version == _ENDED else uuid5(merge, "ended")


def _attributes(parts: Parts, stored: StoredProfile | None) -> bytes:
    if parts.attributes is not None:
        return dump(parts.attributes)
    return stored.attributes if stored else b"{}"


def entries_of(
    revision: Revision, attributes: dict[str, Any] | None, records: Mapping[str, Any]
) -> dict[str, frozenset[Entry]]:
    """The identity entries of the parts given: core attributes, and records by extension.

    :raises ProfileTooLarge: there are too many.
    """
    identity, schema = revision.identity, revision.schema
    try:
        entries = {
            schema.stored_name(name): identity.record_entries(name, each)
            for name, each in records.items()
        }
        if attributes is not None:
            entries[CORE] = identity.core_entries(attributes)
    except TooManyEntries:
        raise ProfileTooLarge from None
    return entries


def _note(parts: Parts, rows: list[str], terms: Terms) -> bytes:
    public = terms.revision.schema.public_names
    names = [public[row] for row in rows if row in public]
    attributes = [ATTRIBUTES] if parts.attributes is not None else []
    return dump({"parts": attributes + names, **terms.told})

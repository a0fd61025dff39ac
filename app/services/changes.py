"""From what is stored and what is asked for to the next version of a profile."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from app.dao.base import Change, Operation, ProfileKey, State, StoredProfile, Version
from app.services.errors import ProfileTooLarge
from schemas.document import dump
from schemas.profile import ProfileContent

# As the past row repeats them, half of what one mutation may be on a node with its defaults,
# and a little less than the largest message of one with small commit log segments.
MAX_STORED_BYTES = 3 * 1024 * 1024


def live(stored: StoredProfile | None) -> StoredProfile | None:
    """``stored`` if there is a profile in it, None for a missing or a deleted one."""
    return stored if stored and stored.state is State.LIVE else None


def next_version(version: Version | None) -> Version:
    """A version that no profile has had before."""
    return Version(version.number + 1 if version else 1, uuid4())


def overwrite(
    key: ProfileKey,
    operation: Operation,
    content: ProfileContent,
    stored: StoredProfile | None,
    keep_past_for: int,
) -> Change:
    """All attributes of ``stored`` replaced, and all extensions if ``content`` names any.

    :raises ProfileTooLarge: see `_documents`.
    """
    named = content.extensions
    if named is None and live(stored) is None:
        named = {}
    attributes, extensions = _documents(content.attributes, named)
    return Change(
        key=key,
        expected=stored.version if stored else None,
        version=next_version(stored.version if stored else None),
        operation=operation,
        made_at=datetime.now(UTC),
        attributes=attributes,
        extensions=extensions,
        stored_names=stored.extension_names if stored else frozenset(),
        keep_past_for=keep_past_for,
    )


def overwrite_version(
    key: ProfileKey, content: ProfileContent, expected: Version, keep_past_for: int
) -> Change:
    """All attributes of the version ``expected`` replaced, whatever else it holds.

    :raises ProfileTooLarge: see `_documents`.
    """
    attributes, _ = _documents(content.attributes, None)
    return Change(
        key=key,
        expected=expected,
        version=next_version(expected),
        operation=Operation.UPDATE,
        made_at=datetime.now(UTC),
        attributes=attributes,
        extensions=None,
        stored_names=None,
        keep_past_for=keep_past_for,
    )


def remove(key: ProfileKey, stored: StoredProfile, keep_past_for: int) -> Change:
    """All content of ``stored`` gone; its row stays, so that versions go on."""
    return Change(
        key=key,
        expected=stored.version,
        version=next_version(stored.version),
        operation=Operation.DELETE,
        state=State.DELETED,
        made_at=datetime.now(UTC),
        attributes=b"{}",
        extensions={},
        stored_names=stored.extension_names,
        keep_past_for=keep_past_for,
    )


def outcome(change: Change, stored: StoredProfile | None) -> StoredProfile:
    """The profile after ``change`` of ``stored``, with the records known from either."""
    known = change.extensions if change.extensions is not None else stored and stored.extensions
    return StoredProfile(
        version=change.version,
        state=change.state,
        attributes=change.attributes,
        extensions=known or {},
    )


def _documents(
    attributes: dict[str, Any], extensions: dict[str, Any] | None
) -> tuple[bytes, dict[str, bytes] | None]:
    """The texts to store.

    :raises ProfileTooLarge: together they are over `MAX_STORED_BYTES`.
    """
    texts = {name: dump(records) for name, records in (extensions or {}).items()}
    document = dump(attributes)
    if len(document) + sum(map(len, texts.values())) > MAX_STORED_BYTES:
        raise ProfileTooLarge
    return document, None if extensions is None else texts

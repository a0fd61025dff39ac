"""From what is stored and what is asked for to the next version of a profile."""

from datetime import UTC, datetime
from uuid import uuid4

from app.dao.base import Change, Operation, ProfileKey, State, StoredProfile, Version
from schemas.document import dump
from schemas.profile import ProfileContent


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
    """All attributes of ``stored`` replaced, and all extensions if ``content`` names any."""
    extensions = content.extensions
    if extensions is None and live(stored) is None:
        extensions = {}
    return Change(
        key=key,
        expected=stored.version if stored else None,
        version=next_version(stored.version if stored else None),
        operation=operation,
        made_at=datetime.now(UTC),
        attributes=dump(content.attributes),
        extensions=_documents(extensions),
        stored_names=stored.extension_names if stored else frozenset(),
        keep_past_for=keep_past_for,
    )


def overwrite_version(
    key: ProfileKey, content: ProfileContent, expected: Version, keep_past_for: int
) -> Change:
    """All attributes of the version ``expected`` replaced, whatever else it holds."""
    return Change(
        key=key,
        expected=expected,
        version=next_version(expected),
        operation=Operation.UPDATE,
        made_at=datetime.now(UTC),
        attributes=dump(content.attributes),
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
        extension_names=change.extension_names,
    )


def _documents(extensions: dict[str, object] | None) -> dict[str, bytes] | None:
    if extensions is None:
        return None
    return {name: dump(records) for name, records in extensions.items()}

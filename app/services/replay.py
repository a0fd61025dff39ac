"""Bringing a profile into a store: its versions one after the other.

Version numbers and write ids stay, so entity tags do, and so do the past rows. Until the last
step the copy counts as deleted: nobody sees half of it, and whoever goes on knows that it is.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.dao.base import ProfileDao
from app.dao.values import CORE, Change, Operation, PastVersion, ProfileKey, State, StoredProfile
from app.services.alignment import without_claims
from app.services.changes import entries_of, live
from app.services.definitions import Revision
from app.services.originals import Original
from app.services.profile import content_of
from schemas.document import dump, parse
from schemas.identity import Entry


class Diverged(Exception):
    """The target's profile has a version that the source's never had; nothing was changed."""


class Replay:
    """Replays profiles in ``target``."""

    def __init__(self, target: ProfileDao, keep_past_for: int) -> None:
        """``keep_past_for``: for how many seconds from its making on a past row is kept."""
        self._target = target
        self._keep_past_for = timedelta(seconds=keep_past_for)

    def bring(self, original: Original, stored: StoredProfile, revision: Revision) -> bool:
        """Have ``stored``, as ``original`` was read, in the target; whether that took a change.

        :raises Diverged: it was changed in the target.
        :raises VersionConflict: another writer is at it in the target.
        :raises ValueTaken: another profile of the target has a unique value.
        :raises ProfileTooLarge: as any change of it would.
        """
        key = original.key
        there = self._there(key, stored)
        if there and _content(there) == _content(stored):
            return False
        if there:
            _check_descent(original, stored, there)
        entries = _entries(stored, revision)
        above, newest = there.version.number if there else 0, stored.version.number
        for row in filter(self._remaining, original.versions(above, newest)):
            whole = _whole(key, stored, there, entries, _names(row))
            if row.version == stored.version and row.document == whole.past_document:
                self._target.commit(self._recorded(whole, row))
                return True
            self._target.commit(self._recorded(_partly(key, row, there), row))
            there = self._there(key, stored)
        self._target.commit(_whole(key, stored, there, entries))
        return True

    def _there(self, key: ProfileKey, stored: StoredProfile) -> StoredProfile | None:
        return self._target.get(key, stored.extensions, for_change=True)

    def _recorded(self, made: Change, row: PastVersion) -> Change:
        """``made`` with the past row ``row``, for the time that it has left."""
        return replace(
            made,
            operation=row.operation,
            made_at=row.made_at,
            note=row.note,
            keep_past_for=self._remaining(row),
        )

    def _remaining(self, row: PastVersion) -> int:
        """The whole seconds for which the row is still to be kept; of one out of the future
        as if it were made now."""
        age = max(datetime.now(UTC) - row.made_at, timedelta())
        return max(int((self._keep_past_for - age).total_seconds()), 0)


def _check_descent(original: Original, stored: StoredProfile, there: StoredProfile) -> None:
    """:raises Diverged: ``there`` is no version that the original had, as far as it tells."""
    if there.version == stored.version:
        return
    number = there.version.number
    if number >= stored.version.number or original.version(number) not in (None, there.version):
        raise Diverged


def _content(stored: StoredProfile) -> StoredProfile:
    """``stored`` without what is each store's own."""
    return replace(
        stored,
        modified_at=datetime.min,  # noqa: DTZ901 - stores round it differently
        extension_names=frozenset(stored.extensions),
        basis=None,
    )


def _entries(stored: StoredProfile, revision: Revision) -> dict[str, frozenset[Entry]]:
    """Those of its content; a key that never was completed claims nothing."""
    if not live(stored):
        return {CORE: frozenset()}
    return without_claims(
        entries_of(revision, *content_of(stored, revision)),
        revision,
        {key.name for key in revision.definition.keys if key.build},
    )


def _names(row: PastVersion) -> Iterable[str]:
    """The extensions that the version wrote, in its order."""
    names: dict[str, object] = parse(row.document or b"{}").get("extensions", {})
    return names


def _whole(
    key: ProfileKey,
    stored: StoredProfile,
    there: StoredProfile | None,
    entries: dict[str, frozenset[Entry]],
    order: Iterable[str] = (),
) -> Change:
    """All of ``stored`` in place of what is there, its extensions in an order; no past row."""
    names = [*(name for name in order if name in stored.extensions), *stored.extensions]
    return _change(
        key,
        there,
        version=stored.version,
        operation=Operation.MARK,
        made_at=stored.modified_at,
        attributes=stored.attributes,
        records={name: stored.extensions[name] for name in names},
        removed=_held(there) - stored.extensions.keys(),
        extension_names=frozenset(stored.extensions),
        entries=entries,
        state=stored.state,
        link=stored.link,
        merges=stored.merges,
    )


def _partly(key: ProfileKey, row: PastVersion, there: StoredProfile | None) -> Change:
    """What the version of ``row`` wrote and removed, and nothing to be found by."""
    told = parse(row.document or b"{}")
    records = {name: dump(each) for name, each in told.get("extensions", {}).items()}
    removed = frozenset[str](told.get("removed", ()))
    return _change(
        key,
        there,
        version=row.version,
        operation=row.operation,
        made_at=row.made_at,
        attributes=dump(told["attributes"]),
        records=records,
        removed=removed,
        extension_names=_held(there) - removed | records.keys(),
        state=State.DELETED,
    )


def _change(key: ProfileKey, there: StoredProfile | None, **made: Any) -> Change:
    expected, basis = (there.version, there.basis) if there else (None, None)
    return Change(key=key, expected=expected, basis=basis, keep_past_for=0, **made)


def _held(there: StoredProfile | None) -> frozenset[str]:
    return (there and there.extension_names) or frozenset()

"""Bringing a stored profile in line with a definition that was changed."""

import time
from collections.abc import Callable
from dataclasses import replace

from app.dao.base import ProfileDao
from app.dao.errors import VersionConflict
from app.dao.values import Change, ProfileKey, State, StoredProfile
from app.services.changes import entries_of, values
from app.services.definitions import Revision
from app.services.errors import StoreBusy
from app.services.survivors import UNSETTLED, Survivors, renewal
from app.services.writer import Writer, pauses

_WITHOUT_CONTENT = frozenset({State.DELETED, State.ALIAS})


class Alignment:
    """Renews profiles: their content and version stay what they are."""

    def __init__(self, dao: ProfileDao, writer: Writer, survivors: Survivors) -> None:
        self._dao = dao
        self._writer = writer
        self._survivors = survivors

    def renew_entries(
        self, key: ProfileKey, revision: Revision, unclaimed: frozenset[str] = frozenset()
    ) -> None:
        """Have just the identity entries that ``revision`` asks for.

        ``unclaimed``: unique keys, by name, whose values are not claimed.

        :raises UniqueKeyTaken: another profile holds a value.
        :raises ProfileTooLarge: there are too many values.
        :raises StoreBusy: other writers were faster each time.
        :raises DefinitionChanged: ``revision`` is not in force any more.
        """
        for pause in pauses():
            stored = self._read(key, revision)
            if stored is None or stored.state in _WITHOUT_CONTENT:
                return
            made = _with_entries(key, stored, revision)
            if self._committed(_without_claims(made, revision, unclaimed), revision):
                return
            time.sleep(pause)
        raise StoreBusy

    def remove_records(self, key: ProfileKey, latest: Callable[[], Revision]) -> None:
        """Remove the records of extensions that the definition in force does not have.

        ``latest`` asks for that one. It is called after the profile was read, so what it does
        not have was removed: an extension that is just being added is never taken for one.

        :raises StoreBusy: other writers were faster each time.
        :raises DefinitionChanged: the revision is not in force any more.
        """
        for pause in pauses():
            stored = self._dao.get(key, for_change=True)
            held = stored.extension_names if stored else None
            if stored is None or not held:
                return
            revision = latest()
            removed = held - set(revision.schema.rows)
            if not removed:
                return
            made = replace(
                renewal(key, stored),
                removed=removed,
                extension_names=held - removed,
                definition=revision.tag,
            )
            if self._committed(made, revision):
                return
            time.sleep(pause)
        raise StoreBusy

    def _read(self, key: ProfileKey, revision: Revision) -> StoredProfile | None:
        """What is stored; one that was merged away, only not to the end, is settled first."""
        stored = self._dao.get(key, revision.schema.rows, for_change=True)
        if stored and stored.state in UNSETTLED:
            self._survivors.settle(key, stored)
            return self._dao.get(key, revision.schema.rows, for_change=True)
        return stored

    def _committed(self, made: Change, revision: Revision) -> bool:
        try:
            self._writer.commit(made, revision)
        except VersionConflict:
            return False
        return True


def _with_entries(key: ProfileKey, stored: StoredProfile, revision: Revision) -> Change:
    schema = revision.schema
    records = {schema.public_names[row]: values(text) for row, text in stored.extensions.items()}
    parts = {name: schema.visible_records(name, each) for name, each in records.items()}
    attributes = schema.visible_attributes(values(stored.attributes))
    entries = entries_of(revision, attributes, parts)
    return replace(renewal(key, stored), entries=entries, definition=revision.tag)


def _without_claims(made: Change, revision: Revision, keys: frozenset[str]) -> Change:
    stored = {key.stored_name or key.name for key in revision.definition.keys if key.name in keys}
    entries = {
        part: frozenset(each for each in held if not (each.claimed and each.key in stored))
        for part, held in made.entries.items()
    }
    return replace(made, entries=entries)

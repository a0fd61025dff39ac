"""Bringing a stored profile in line with a definition that was changed."""

from collections.abc import Callable, Mapping, Set
from dataclasses import replace

from app.concurrency import waiting
from app.dao.base import ProfileDao
from app.dao.errors import VersionConflict
from app.dao.values import Change, ProfileKey, State, StoredProfile, renewal
from app.services.changes import entries_of
from app.services.definitions import Revision
from app.services.errors import StoreBusy
from app.services.profile import content_of
from app.services.survivors import Survivors
from app.services.writer import Writer, pauses
from schemas.identity import Entry

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
        for pause in pauses("renew_entries"):
            stored = self._survivors.for_change(key, revision.schema.rows)
            if stored is None or stored.state in _WITHOUT_CONTENT:
                return
            if self._committed(_with_entries(key, stored, revision, unclaimed), revision):
                return
            waiting.sleep(pause)
        raise StoreBusy

    def remove_records(self, key: ProfileKey, latest: Callable[[], Revision]) -> None:
        """Remove the records of extensions that the definition in force does not have.

        ``latest`` asks for that one. It is called after the profile was read, so what it does
        not have was removed: an extension that is just being added is never taken for one.

        :raises StoreBusy: other writers were faster each time.
        :raises DefinitionChanged: the revision is not in force any more.
        """
        for pause in pauses("remove_records"):
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
            waiting.sleep(pause)
        raise StoreBusy

    def _committed(self, made: Change, revision: Revision) -> bool:
        try:
            self._writer.commit(made, revision)
        except VersionConflict:
            return False
        return True


def _with_entries(
    key: ProfileKey, stored: StoredProfile, revision: Revision, unclaimed: frozenset[str]
) -> Change:
    entries = entries_of(revision, *content_of(stored, revision))
    kept = without_claims(entries, revision, unclaimed)
    return replace(renewal(key, stored), entries=kept, definition=revision.tag)


def without_claims(
    entries: Mapping[str, frozenset[Entry]], revision: Revision, keys: Set[str]
) -> dict[str, frozenset[Entry]]:
    """``entries`` of a profile, by part, without the claims of some keys, by name."""
    stored = {key.stored_as for key in revision.definition.keys if key.name in keys}
    return {
        part: frozenset(each for each in held if not (each.claimed and each.key in stored))
        for part, held in entries.items()
    }

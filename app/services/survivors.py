"""Profiles that were merged: where an old id leads, and merges that were left unfinished.

A profile that is being merged, or was, says by which merge and into which profile. That merge
is done exactly if the other profile names it among the merges that it took in, be it as one
that has ended because that profile was deleted: then both are gone.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from app.dao.base import ProfileDao
from app.dao.errors import VersionConflict, before_the_change
from app.dao.values import CORE, Change, Link, Once, ProfileKey, State, StoredProfile, renewal
from app.services.changes import ended_merge, next_version
from schemas.document import splice

LEASE = timedelta(seconds=1)
UNSETTLED = frozenset({State.MERGING, State.RESTORING})
PAST_ROWS_SEARCHED = 100


class Survivors:
    """Follows and settles merges. Raises `StoreUnavailable` where the store cannot be asked."""

    def __init__(self, dao: ProfileDao, keep_past_for: int) -> None:
        """``keep_past_for``: seconds that past versions are kept, 0 for not at all."""
        self._dao = dao
        self._keep_past_for = keep_past_for

    def read(
        self, key: ProfileKey, rows: Iterable[str] = ()
    ) -> tuple[ProfileKey, StoredProfile] | None:
        """The live profile that ``key`` leads to, with some extension rows, or None."""
        names = tuple(rows)
        return self._followed(key, self._dao.get(key, names), names)

    def read_many(
        self, tenant: int, customer_ids: Iterable[str], rows: Iterable[str] = ()
    ) -> dict[str, tuple[ProfileKey, StoredProfile]]:
        """As `read` for each of ``customer_ids``, by these, in their order; without None."""
        ids, names = tuple(customer_ids), tuple(rows)
        stored = self._dao.get_many(tenant, ids, names)
        found = {
            each: self._followed(ProfileKey(tenant, each), stored.get(each), names) for each in ids
        }
        return {each: read for each, read in found.items() if read}

    def _followed(
        self, key: ProfileKey, stored: StoredProfile | None, names: tuple[str, ...]
    ) -> tuple[ProfileKey, StoredProfile] | None:
        """The live profile that ``stored``, at ``key``, leads to."""
        while stored and stored.link:
            into = ProfileKey(key.tenant, stored.link.into)
            survivor = self._survivor(stored.link, into, names)
            if survivor is None:
                break
            if ended_merge(stored.link.merge) in survivor.merges:
                return None
            key, stored = into, survivor
        if stored is None or stored.state in {State.DELETED, State.ALIAS}:
            return None
        if stored.state is State.LIVE and stored.link is None:
            return key, stored
        return key, replace(stored, state=State.LIVE, link=None)

    def for_change(
        self, key: ProfileKey, rows: Iterable[str] = (), once: Once | None = None
    ) -> StoredProfile | None:
        """What is stored, with some extension rows, to base a change on that does ``once``.

        An unfinished merge is settled first, if it is old enough. An alias names the last
        survivor; if that is gone, it counts as deleted.
        """
        names = tuple(rows)
        stored = self._dao.get(key, names, for_change=True, once=once)
        if stored and stored.state in UNSETTLED:
            self.settle(key, stored)
            stored = self._dao.get(key, names, for_change=True, once=once)
        if stored and stored.state is State.ALIAS:
            read = self.read(key)
            if read is None:
                return replace(stored, state=State.DELETED, link=None)
            return replace(stored, link=replace(_link(stored), into=read[0].customer_id))
        return stored

    def settle(self, key: ProfileKey, stored: StoredProfile) -> None:
        """Finish the merge of ``stored`` if it is done, or take it back if its time is over."""
        with suppress(VersionConflict), before_the_change():
            if self.is_done(key, stored):
                self.finish(key, stored)
            elif datetime.now(UTC) - stored.modified_at > LEASE:
                self._take_back(key, stored)

    def is_done(self, key: ProfileKey, stored: StoredProfile) -> bool:
        """Whether the merge of ``stored`` is, so that it only has to be finished."""
        link = _link(stored)
        return self._survivor(link, ProfileKey(key.tenant, link.into)) is not None

    def finish(self, key: ProfileKey, stored: StoredProfile, note: bytes | None = None) -> None:
        """Make ``stored`` an alias that keeps its last content, and ``note`` on its merge.

        :raises VersionConflict: it was settled by another.
        """
        link = _link(stored)
        whole = self._dao.get(key, stored.extension_names or (), for_change=True)
        if whole is None or whole.version != stored.version:
            raise VersionConflict
        note = note or self._note(ProfileKey(key.tenant, link.into), link)
        kept = {
            "attributes": whole.attributes,
            "extensions": splice(whole.extensions.items()),
            "merge": note,
        }
        alias = moved(key, whole, State.ALIAS, link, 0)
        self._dao.commit(
            replace(
                alias,
                attributes=splice(kept.items()),
                removed=whole.extension_names or frozenset(),
                extension_names=frozenset(),
                entries={CORE: frozenset()},
                heir=link.into,
            )
        )

    def _take_back(self, key: ProfileKey, stored: StoredProfile) -> None:
        """One step towards letting ``stored`` be as before its merge.

        Whoever still works at the merge must not write the other profile any more. It has read
        that one before it saw this one merging; so once this one is not, renewing the other
        refuses it.

        :raises VersionConflict: another writer was faster; look again.
        """
        link = _link(stored)
        if stored.state is State.MERGING:
            self._dao.commit(moved(key, stored, State.RESTORING, link, self._keep_past_for))
            return
        into = ProfileKey(key.tenant, link.into)
        other = self._dao.get(into, for_change=True)
        if other and _took_in(other, link):
            return
        if other:
            self._dao.commit(renewal(into, other))
        self._dao.commit(moved(key, stored, State.LIVE, None, self._keep_past_for))

    def _survivor(
        self, link: Link, into: ProfileKey, names: tuple[str, ...] = ()
    ) -> StoredProfile | None:
        stored = self._dao.get(into, names, for_change=True)
        return stored if stored and _took_in(stored, link) else None

    def _note(self, survivor: ProfileKey, link: Link) -> bytes:
        """What the survivor's history says of the merge, as far as it is kept."""
        for row in self._dao.past(survivor, 2**62, PAST_ROWS_SEARCHED):
            told: dict[str, Any] = orjson.loads(row.note)
            if told.get("merge") == str(link.merge):
                return row.note
        return b"{}"


def moved(
    key: ProfileKey, stored: StoredProfile, state: State, link: Link | None, keep_past_for: int
) -> Change:
    """``stored`` with its content as it is, in another state."""
    return replace(
        renewal(key, stored),
        version=next_version(stored.version),
        made_at=datetime.now(UTC),
        state=state,
        link=link,
        keep_past_for=keep_past_for,
    )


def _took_in(survivor: StoredProfile, link: Link) -> bool:
    return not survivor.merges.isdisjoint({link.merge, ended_merge(link.merge)})


def _link(stored: StoredProfile) -> Link:
    if stored.link is None:
        raise ValueError("the profile is not being merged")
    return stored.link

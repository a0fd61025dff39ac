"""Merge: one profile taken into another, all or nothing, also when the service dies.

Each step is one conditional write: the source is marked as merging; the destination takes
its content in and names the merge; the source becomes an alias. The second step decides.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from app.concurrency import waiting
from app.dao.base import ProfileDao
from app.dao.errors import OutcomeUnknown, StoreUnavailable, VersionConflict
from app.dao.values import (
    Change,
    Link,
    Once,
    Operation,
    ProfileKey,
    State,
    StoredProfile,
    Version,
)
from app.services import receipts
from app.services.changes import Parts, Terms, change, found
from app.services.definitions import Revision
from app.services.errors import SelfMerge, StoreBusy
from app.services.merging import Content, Policy, merge
from app.services.preconditions import UNCONDITIONAL, Precondition, check
from app.services.profile import content_of
from app.services.survivors import UNSETTLED, Survivors, moved
from app.services.writer import Writer, pauses


@dataclass(frozen=True, slots=True)
class Order:
    """How to merge: what decides conflicts, and what the history is to tell.

    ``once``: what it is, where it may be done only once.
    """

    policy: Policy = Policy.REFUSE
    told: Mapping[str, Any] = field(default_factory=dict)
    precondition: Precondition = UNCONDITIONAL
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class _Pair:
    """What is merged, under one revision and by one merge."""

    into: ProfileKey
    source: ProfileKey
    order: Order
    revision: Revision
    link: Link


class MergeService:
    """Merges profiles of one tenant."""

    def __init__(
        self, dao: ProfileDao, writer: Writer, survivors: Survivors, keep_past_for: int
    ) -> None:
        self._dao = dao
        self._writer = writer
        self._survivors = survivors
        self._keep_past_for = keep_past_for

    def merge(
        self, destination: ProfileKey, source_id: str, order: Order, revision: Revision
    ) -> Version:
        """The destination's version with the content of the source, which is an alias then.

        :raises SelfMerge: they are one profile.
        :raises ProfileNotFound: there is none of them, or it was merged already.
        :raises MergeConflict: they contradict each other, and the policy is to refuse.
        :raises PreconditionFailed: the destination is not the one asked for.
        :raises StoreBusy: other writers were faster too often.
        :raises AlreadyDone: and others as `Writer.write`.
        """
        source = ProfileKey(destination.tenant, source_id)
        if source == destination:
            raise SelfMerge
        told = {**order.told, "merged_from": source_id}
        for pause in pauses("merge"):
            link = Link(uuid4(), destination.customer_id)
            pair = _Pair(destination, source, replace(order, told=told), revision, link)
            with suppress(VersionConflict):
                return self._attempt(pair)
            waiting.sleep(pause)
        raise StoreBusy

    def _attempt(self, pair: _Pair) -> Version:
        # In this order: whoever finds the source merged by an earlier attempt finds its receipt.
        source = self._whole(pair.source, pair.revision)
        destination = self._whole(pair.into, pair.revision, pair.order.once)
        kept, given = found(destination), found(source)
        check(pair.order.precondition, kept)
        made = self._merged(pair, kept, given)
        marked = moved(pair.source, given, State.MERGING, pair.link, self._keep_past_for)
        self._writer.commit(marked, pair.revision)
        merging = replace(given, version=marked.version, state=State.MERGING, link=pair.link)
        self._take_in(made, pair, merging)
        with suppress(StoreUnavailable, VersionConflict):
            self._survivors.finish(pair.source, merging, made.note)
        return made.version

    def _take_in(self, made: Change, pair: _Pair, merging: StoredProfile) -> None:
        """The step that decides: after it, the merge is done."""
        try:
            change = replace(made, source=pair.source.customer_id)
            self._writer.commit(change, pair.revision)
        except OutcomeUnknown:
            raise
        except Exception:
            self._take_back(pair.source, merging)
            raise

    def _whole(
        self, key: ProfileKey, revision: Revision, once: Once | None = None
    ) -> StoredProfile | None:
        """All of a profile.

        :raises VersionConflict: another merge is at work on it.
        :raises AlreadyDone: ``once`` was done.
        """
        stored = self._survivors.for_change(key, revision.schema.rows, once)
        receipts.check(key, stored, once)
        if stored and stored.state in UNSETTLED:
            raise VersionConflict
        return stored

    def _merged(self, pair: _Pair, kept: StoredProfile, given: StoredProfile) -> Change:
        """:raises MergeConflict: see `merge`."""
        revision, order = pair.revision, pair.order
        mine, other = (Content(*content_of(each, revision)) for each in (kept, given))
        merged = merge(revision.definition, mine, other, order.policy)
        told = {**order.told, "merge": str(pair.link.merge), "origins": merged.origins}
        terms = Terms(revision, self._keep_past_for, told, order.once)
        records = {
            name: records
            for name, records in merged.content.records.items()
            if records != mine.records.get(name)
        }
        parts = Parts(merged.content.attributes, records)
        made = change(pair.into, Operation.MERGE, parts, kept, terms)
        return replace(made, merges=kept.merges | {pair.link.merge})

    def _take_back(self, source: ProfileKey, merging: StoredProfile) -> None:
        """The destination was not written, so let the source be as before, if that is possible
        now; else whoever writes it next will."""
        with suppress(StoreUnavailable, VersionConflict):
            self._dao.commit(moved(source, merging, State.LIVE, None, self._keep_past_for))

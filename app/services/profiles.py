"""Query, create, update, patch and delete one profile."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.dao.errors import VersionConflict
from app.dao.values import Change, Once, Operation, ProfileKey, State, StoredProfile, Version
from app.limits import MAX_ANSWER_BYTES
from app.services.changes import (
    Parts,
    Terms,
    change,
    change_unread,
    found,
    live,
    overwriting,
    removal,
)
from app.services.customer_ids import fresh_id
from app.services.definitions import Revision
from app.services.errors import AnswerTooLarge, NoDefinition, ProfileExists, ProfileNotFound
from app.services.preconditions import UNCONDITIONAL, Precondition, check
from app.services.profile import Profile, document, masked, profile_of
from app.services.receipts import named_id
from app.services.survivors import Survivors
from app.services.writer import Applied, Writer
from schemas.document import dump, parse
from schemas.profile import ProfileContent

IDS_PER_READ = 20
"""Of large profiles more would take much memory before it is seen that they are too much."""

Patch = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Order:
    """What a write asks for beside its content: on which condition, and who says why.

    ``once``: what it is, where it may be done only once.
    """

    precondition: Precondition = UNCONDITIONAL
    told: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False
    once: Once | None = None


PLAIN = Order()


@dataclass(frozen=True, slots=True)
class Written:
    """An answered write: the profile as it is now, and whether it is a new one.

    It has the records of all extensions where the order asked for the whole.
    """

    profile: Profile
    created: bool = False


class ProfileService:
    """The operations on one profile.

    Each raises `StoreUnavailable` where the store cannot be asked, and each write
    `ProfileTooLarge`, `UniqueKeyTaken` and what `Writer.write` does.
    """

    def __init__(self, writer: Writer, survivors: Survivors, keep_past_for: int) -> None:
        """``keep_past_for``: seconds that past versions are kept, 0 for not at all."""
        self._writer = writer
        self._survivors = survivors
        self._keep_past_for = keep_past_for

    def query(
        self, key: ProfileKey, revision: Revision, extensions: Iterable[str] = ()
    ) -> Profile:
        """The profile with the records of ``extensions``; of a merged one, the survivor.

        :raises ProfileNotFound: there is none.
        """
        rows = map(revision.schema.stored_name, extensions)
        read = self._survivors.read(key, rows)
        if read is None:
            raise ProfileNotFound
        survivor, stored = read
        return profile_of(survivor.customer_id, stored, revision)

    def query_many(
        self,
        tenant: int,
        customer_ids: Iterable[str],
        revision: Revision,
        extensions: Iterable[str] = (),
        *,
        concealing: bool = False,
    ) -> dict[str, Profile]:
        """As `query` for each of ``customer_ids``, by these, in their order; without those that
        are not found. ``concealing``: with masks in the place of what is sensitive.

        :raises AnswerTooLarge: they are several, and more than one answer takes.
        """
        rows = tuple(map(revision.schema.stored_name, extensions))
        ids, found, sizes = tuple(customer_ids), dict[str, Profile](), dict[str, int]()
        for start in range(0, len(ids), IDS_PER_READ):
            some = ids[start : start + IDS_PER_READ]
            read = self._survivors.read_many(tenant, some, rows)
            for asked, (survivor, stored) in read.items():
                profile = profile_of(survivor.customer_id, stored, revision)
                found[asked] = masked(profile) if concealing else profile
                sizes[profile.customer_id] = found[asked].size
            if len(sizes) > 1 and sum(sizes.values()) > MAX_ANSWER_BYTES:
                raise AnswerTooLarge
        return found

    def create(
        self, tenant: int, content: ProfileContent, revision: Revision, order: Order = PLAIN
    ) -> Written:
        """A new profile, under the id in ``content`` or a fresh one.

        One that may be made only once gets the same fresh one each time.

        :raises NoDefinition: the definition has no core attributes.
        :raises ProfileExists: the id is taken.
        :raises PreconditionFailed: it is taken, and ``If-None-Match: *`` asked for a free one.
        """
        if not revision.definition.attributes:
            raise NoDefinition
        fresh = named_id(order.once) if order.once else fresh_id()
        key, terms = ProfileKey(tenant, content.customer_id or fresh), self._terms(revision, order)

        def next_change(stored: StoredProfile | None) -> Change:
            taken = stored if stored and stored.state is not State.DELETED else None
            if taken and not order.precondition.asks_for_none:
                raise ProfileExists
            check(order.precondition, taken)
            parts = overwriting(content, stored)
            return change(key, Operation.CREATE, parts, stored, terms)

        applied = self._writer.write(key, terms, next_change, likely_new=True)
        return written(key, applied, revision, created=True)

    def update(
        self, key: ProfileKey, content: ProfileContent, revision: Revision, order: Order = PLAIN
    ) -> Written:
        """The profile overwritten: all attributes, and all extensions if any is named.

        ``If-None-Match: *`` creates a profile that is not there.

        :raises ProfileNotFound: there is none to overwrite.
        :raises PreconditionFailed: the stored one is not the one asked for.
        """
        if order.precondition.asks_for_none:
            named = replace(content, customer_id=key.customer_id)
            return self.create(key.tenant, named, revision, order)
        terms = self._terms(revision, order)

        def next_change(stored: StoredProfile | None) -> Change:
            check(order.precondition, found(stored))
            return change(key, Operation.UPDATE, overwriting(content, stored), stored, terms)

        applied = None if order.whole else self._update_at_once(key, content, terms, order)
        rows = revision.schema.rows if order.whole else ()
        applied = applied or self._writer.write(key, terms, next_change, extensions=rows)
        return written(key, applied, revision)

    def patch(
        self, key: ProfileKey, patch: Patch, revision: Revision, order: Order = PLAIN
    ) -> Written:
        """The whole profile as ``patch`` makes it of the JSON value that a query answers.

        :raises ProfileNotFound: there is none.
        :raises PreconditionFailed: the stored one is not the one asked for.
        :raises Invalid: it would not be a profile. And what ``patch`` raises.
        """
        terms = self._terms(revision, order)

        def next_change(stored: StoredProfile | None) -> Change:
            check(order.precondition, found(stored))
            before = profile_of(key.customer_id, found(stored), revision)
            content = revision.schema.load(patch(parse(document(before))), key.customer_id)
            parts = _changed(content, before, revision)
            return change(key, Operation.PATCH, parts, stored, terms)

        rows = revision.schema.rows
        applied = self._writer.write(key, terms, next_change, extensions=rows)
        return written(key, applied, revision)

    def load(self, key: ProfileKey, content: ProfileContent, revision: Revision) -> None:
        """The profile put there, new or not, with just the extensions in ``content``."""
        exact = replace(content, extensions=content.extensions or {})
        terms = self._terms(revision, PLAIN)

        def next_change(stored: StoredProfile | None) -> Change:
            if stored and stored.state is State.ALIAS:
                found(stored)
            return change(key, Operation.LOAD, overwriting(exact, stored), stored, terms)

        self._writer.write(key, terms, next_change, likely_new=True)

    def delete(self, key: ProfileKey, revision: Revision, order: Order = PLAIN) -> None:
        """The profile gone, with all its records.

        :raises ProfileNotFound: there is none.
        :raises PreconditionFailed: the stored one is not the one asked for.
        """
        terms = self._terms(revision, order)

        def next_change(stored: StoredProfile | None) -> Change:
            profile = found(stored)
            check(order.precondition, profile)
            return removal(key, profile, terms)

        self._writer.write(key, terms, next_change)

    def _terms(self, revision: Revision, order: Order) -> Terms:
        return Terms(revision, self._keep_past_for, order.told, order.once)

    def _update_at_once(
        self, key: ProfileKey, content: ProfileContent, terms: Terms, order: Order
    ) -> Applied | None:
        """The fast path: the entity tag says all that the one conditional write has to know.

        None where it does not, or where another version, or one to be found by other values,
        is stored, or the profile is not live. Whether it was done already takes a read.
        """
        expected: Version | None = order.precondition.sole_version
        if expected is None or content.extensions is not None or order.once:
            return None
        made = change_unread(key, content, expected, terms)
        try:
            self._writer.commit(made, terms.revision)
        except VersionConflict:
            return None
        return Applied(made, None)


def _changed(content: ProfileContent, before: Profile, revision: Revision) -> Parts:
    """The parts in which ``content`` differs from the profile ``before``."""
    named = content.extensions or {}
    texts = {name: dump(records) for name, records in named.items()}
    names = revision.schema.extensions
    changed = {
        name: named.get(name) for name in names if texts.get(name) != before.extensions.get(name)
    }
    same = dump(content.attributes) == before.attributes
    return Parts(None if same else content.attributes, changed)


def written(
    key: ProfileKey, applied: Applied, revision: Revision, *, created: bool = False
) -> Written:
    """What an applied change answers, with the records that were written or read."""
    made, before = applied.change, live(applied.before)
    records = dict(before.extensions) if before else {}
    records |= made.records
    rows = [row for row in revision.schema.rows if row in records and row not in made.removed]
    stored = StoredProfile(
        version=made.version,
        state=made.state,
        attributes=made.attributes,
        modified_at=made.made_at,
        extensions={row: records[row] for row in rows},
    )
    return Written(profile_of(key.customer_id, stored, revision), created)

"""Identify: the profiles that hold given values."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import Any

from app.dao.base import ProfileDao
from app.dao.values import ProfileKey
from app.services.definitions import Revision
from app.services.errors import JobNotFound, KeyIncomplete
from app.services.jobs import Jobs, told_job
from app.services.paging import page_of
from app.services.profile import Profile, masked, profile_of
from app.services.readable import Readable
from app.services.survivors import Survivors
from schemas.choice import KeyIncomplete as KeyInBuild
from schemas.definition import IdentificationKey
from schemas.document import parse
from schemas.identity import Criteria
from schemas.questions import next_question

MAX_IDS_PER_READ = 1000
_Fitting = tuple[str, Profile]


class Outcome(StrEnum):
    """How many profiles fit, all pages together."""

    UNIQUE = "unique"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Question:
    """What to find profiles by: pairs of name and text, and the key where one is named.

    Profiles come by id, up to ``limit`` after the id ``after``, ``whole`` or only with their
    ``extensions``, and fewer where that would be too much for one answer.
    ``explain``: also what would tell several of them apart. ``concealing``: by one who may not
    see what is sensitive, and gets masks in its place.
    """

    given: tuple[tuple[str, str], ...]
    key: str | None = None
    whole: bool = False
    extensions: tuple[str, ...] = ()
    limit: int = 100
    after: str = ""
    explain: bool = False
    concealing: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The profiles of one page; ``next`` is the id to go on after, None at the end.

    They are as who asks may see them. ``ask`` is the attribute that would tell profiles apart,
    where there are several and the question was to explain.
    """

    key: str
    outcome: Outcome
    profiles: tuple[Profile, ...]
    next: str | None
    ask: str | None

    def without_extensions(self) -> "Found":
        """The same profiles, none with records."""
        bare = (replace(profile, extensions={}) for profile in self.profiles)
        return replace(self, profiles=tuple(bare))


class IdentifyService:
    """Finds profiles. Raises `StoreUnavailable` where the store cannot be asked."""

    def __init__(self, dao: ProfileDao, survivors: Survivors, jobs: Jobs) -> None:
        self._dao = dao
        self._survivors = survivors
        self._jobs = jobs

    def identify(self, tenant: int, question: Question, revision: Revision) -> Found:
        """
        :raises WrongCriteria: a name is not known, a text no value, or there are several
            values of what the question is ``concealing``.
        :raises TooManyCombinations: of the given values.
        :raises UnknownKey: and `NoKey`, as `schemas.choice.choose`.
        :raises KeyIncomplete: the key is still being built, or could not be.
        """
        identity = revision.identity
        criteria = identity.criteria(question.given, concealing=question.concealing)
        try:
            key = identity.choose(criteria, question.key)
        except KeyInBuild as error:
            job = self._job(tenant, error.key.build, question, revision)
            raise KeyIncomplete(error.key.name, job) from None
        search = _Search(self._dao, self._survivors, tenant, revision, key, criteria)
        page, more = page_of(search.run(question), question.limit, _size)
        profiles = tuple(profile for _, profile in page)
        outcome = _outcome(len(page) + more, paged=bool(question.after))
        asks = question.explain and outcome is Outcome.AMBIGUOUS
        ask = _ask(revision, criteria, profiles) if asks else None
        return Found(key.name, outcome, profiles, page[-1][0] if more else None, ask)

    def _job(
        self, tenant: int, job_id: str, question: Question, revision: Revision
    ) -> dict[str, Any] | None:
        readable = Readable(sensitive=not question.concealing)
        try:
            return told_job(self._jobs.get(tenant, job_id), revision.definition, readable)
        except JobNotFound:
            return None


@dataclass(frozen=True, slots=True)
class _Search:
    """One look-up: entries are candidates, and each profile is looked at before it counts."""

    dao: ProfileDao
    survivors: Survivors
    tenant: int
    revision: Revision
    key: IdentificationKey
    criteria: Criteria

    def run(self, question: Question) -> Iterator[_Fitting]:
        """The profiles that fit, each with the id that it was found under."""
        names = dict.fromkeys([*question.extensions, *self.criteria.extensions])
        rows = [self.revision.schema.stored_name(name) for name in names]
        seen: set[str] = set()
        for customer_id in self._candidates(question.after):
            read = self.survivors.read(ProfileKey(self.tenant, customer_id), rows)
            if read is None or read[0].customer_id in seen:
                continue
            survivor, stored = read
            profile = profile_of(survivor.customer_id, stored, self.revision)
            if self._fits(profile):
                seen.add(survivor.customer_id)
                yield customer_id, _shown(profile, question)

    def _candidates(self, after: str) -> Iterator[str]:
        """The ids with an entry, each once, in order."""
        values = self.revision.identity.lookup(self.key, self.criteria)
        merged = heapq.merge(*(self._ids(value, after) for value in values))
        return (customer_id for customer_id, _ in groupby(merged))

    def _ids(self, value: bytes, after: str) -> Iterator[str]:
        key, most = self.key.stored_as, MAX_IDS_PER_READ
        while found := self.dao.find(self.tenant, key, value, after, most):
            yield from found
            if len(found) < most:
                return
            after = found[-1]

    def _fits(self, profile: Profile) -> bool:
        attributes = parse(profile.attributes)
        records = {name: parse(text) for name, text in profile.extensions.items()}
        return self.revision.identity.matches(self.key, self.criteria, attributes, records)


def _shown(profile: Profile, question: Question) -> Profile:
    """What the answer takes of ``profile``; no more is kept, as there may be many."""
    held, needed = profile.extensions, question.whole or question.explain
    records = {name: held[name] for name in question.extensions if name in held}
    attributes = profile.attributes if needed else b"{}"
    shown = replace(profile, attributes=attributes, extensions=records)
    return masked(shown) if question.concealing else shown


def _size(found: _Fitting) -> int:
    return found[1].size


def _outcome(count: int, *, paged: bool) -> Outcome:
    """A later page goes on after profiles of an earlier one, so there are several."""
    if paged or count > 1:
        return Outcome.AMBIGUOUS
    return Outcome.UNIQUE if count else Outcome.NONE


def _ask(revision: Revision, criteria: Criteria, profiles: tuple[Profile, ...]) -> str | None:
    """By what who asks sees: else it would tell whether values that are masked are equal."""
    candidates = [parse(profile.attributes) for profile in profiles]
    return next_question(revision.definition, candidates, criteria.attributes)

"""Doing the background jobs: any worker takes a job that no other one is at."""

import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from uuid import UUID, uuid4

from app.dao.base import ProfileDao
from app.dao.errors import DefinitionChanged, VersionConflict
from app.dao.values import ProfileKey
from app.services.alignment import Alignment
from app.services.background import Background
from app.services.definitions import MAX_AGE, Definitions, Revision
from app.services.errors import ProfileTooLarge, UniqueKeyTaken
from app.services.jobs import MAX_EXAMPLES, Job, JobKind, Jobs, JobState
from schemas.definition import IdentificationKey
from schemas.revising import complete_key

POLL_SECONDS = 0.5
LEASE_SECONDS = 5.0
GIVE_UP_SECONDS = 60.0
STAY_SECONDS = 1.0
PROFILES_PER_PAGE = 100


class JobRunner:
    """Does the jobs in a thread. A job of a worker that says nothing for the lease is taken over.

    That is observed, so it rests on no clock but this process's own; and two workers at one job
    do no harm, as every step may be repeated.
    """

    def __init__(
        self, dao: ProfileDao, jobs: Jobs, definitions: Definitions, alignment: Alignment
    ) -> None:
        self._dao = dao
        self._jobs = jobs
        self._definitions = definitions
        self._alignment = alignment
        self._owner = uuid4().hex
        self._seen: dict[str, tuple[UUID, float]] = {}
        self._met: dict[str, float] = {}
        self._since: dict[str, float] = {}
        self._background = Background(self._run, POLL_SECONDS)
        self.start = self._background.start
        self.stop = self._background.stop
        self.wake = self._background.wake

    def _run(self) -> None:
        """One step of every job that is free; a running one is done to its end."""
        now = time.monotonic()
        found = list(self._jobs.unfinished())
        known = self._seen
        self._seen = {
            job.id: known[job.id] if known.get(job.id, (None,))[0] == tag else (tag, now)
            for job, tag in found
        }
        self._met = {job.id: self._met.get(job.id, now) for job, _ in found}
        for job, tag in found:
            silent = now - self._seen[job.id][1]
            if job.owner in {"", self._owner} or silent > LEASE_SECONDS:
                held = _Held(self._jobs, replace(job, owner=self._owner), tag)
                with suppress(VersionConflict):
                    self._step(held)
        self._since = {job.id: self._since[job.id] for job, _ in found if job.id in self._since}

    def _step(self, held: "_Held") -> None:
        """:raises VersionConflict: another worker has taken it."""
        job = held.job
        if job.state is JobState.RUNNING or self._may_begin(job):
            held.save(state=JobState.RUNNING)
            self._do(held)
        elif self._definitions.current(job.tenant).number < job.revision and self._is_old(job):
            held.save(state=JobState.FAILED)
        else:
            held.save()

    def _may_begin(self, job: Job) -> bool:
        """Whether the definition is in force, and no write under the one before can come."""
        now = time.monotonic()
        if self._definitions.refreshed(job.tenant).number < job.revision:
            return False
        since = self._since.setdefault(job.id, now)
        return now - since > MAX_AGE + self._dao.late_seconds

    def _is_old(self, job: Job) -> bool:
        """Whether the change that the job is for was given up, as far as this worker has seen."""
        return time.monotonic() - self._met[job.id] > GIVE_UP_SECONDS

    def _do(self, held: "_Held") -> None:
        """:raises VersionConflict: another worker has taken it."""
        while not self._background.stopping:
            page = self._dao.scan(held.job.tenant, held.job.next, PROFILES_PER_PAGE)
            for customer_id in page.customer_ids:
                self._align(held, ProfileKey(held.job.tenant, customer_id))
                held.stay()
            if page.next is None:
                self._finish(held)
                return
            held.save(next=page.next)

    def _align(self, held: "_Held", key: ProfileKey) -> None:
        job, unclaimed = held.job, frozenset[str]()
        while True:
            try:
                if job.kind is JobKind.REMOVE_EXTENSION:
                    latest = partial(self._definitions.refreshed, job.tenant)
                    self._alignment.remove_records(key, latest)
                else:
                    revision = self._definitions.current(job.tenant)
                    self._alignment.renew_entries(key, revision, unclaimed)
            except DefinitionChanged:
                self._definitions.refreshed(job.tenant)
                continue
            except UniqueKeyTaken as error:
                if (job.kind, job.name) != (JobKind.BUILD_KEY, error.key):
                    # That key is in build too, and this very profile makes it fail.
                    unclaimed |= {error.key}
                    continue
                held.job = _with_conflict(job, key)
            except ProfileTooLarge:
                held.job = _with_conflict(job, key)
            else:
                held.job = replace(job, profiles=job.profiles + 1)
            return

    def _finish(self, held: "_Held") -> None:
        built = held.job.kind is not JobKind.BUILD_KEY or self._complete_key(held.job)
        done = built and not held.job.conflicts
        held.save(state=JobState.DONE if done else JobState.FAILED)

    def _complete_key(self, job: Job) -> bool:
        """Let the key be used, if it has no conflicts and is still defined."""
        while not job.conflicts:
            revision = self._definitions.refreshed(job.tenant)
            key = _key_in_build(revision, job)
            if key is None:
                return False
            try:
                self._definitions.replace(revision, complete_key(revision.definition, key.name))
            except (VersionConflict, DefinitionChanged):
                continue
            return True
        return False


class _Held:
    """A job as this worker has it; every save is on the condition that no other one has."""

    def __init__(self, jobs: Jobs, job: Job, tag: UUID) -> None:
        self._jobs = jobs
        self._tag = tag
        self._saved_at = 0.0
        self.job = job

    def stay(self) -> None:
        """Let the other workers know, from time to time, that this one is at it."""
        if time.monotonic() - self._saved_at > STAY_SECONDS:
            self.save()

    def save(self, **changes: object) -> None:
        """:raises VersionConflict: another worker has taken the job."""
        self.job = replace(self.job, **changes)  # type: ignore[arg-type]
        self._tag = self._jobs.save(self.job, self._tag)
        self._saved_at = time.monotonic()


def _key_in_build(revision: Revision, job: Job) -> IdentificationKey | None:
    return next((key for key in revision.definition.keys if key.build == job.id), None)


def _with_conflict(job: Job, key: ProfileKey) -> Job:
    examples = (*job.examples, key.customer_id)[:MAX_EXAMPLES]
    return replace(job, conflicts=job.conflicts + 1, examples=examples)

"""The background jobs of the metadata API: kept in the store, so that any worker can go on."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from app.dao.base import DocumentDao
from app.dao.values import SERVER, DocumentKey, StoredDocument
from app.services import moments
from app.services.errors import JobNotFound
from app.services.readable import ALL, Readable
from app.watching import metrics
from schemas.definition import PROFILE, Definition
from schemas.document import dump, parse

JOB = "job"
KEEP_FOR = 7 * 86_400
MAX_EXAMPLES = 10


class JobKind(StrEnum):
    """What is done to all profiles of a tenant."""

    BUILD_KEY = "build_key"
    REMOVE_KEY = "remove_key"
    REMOVE_EXTENSION = "remove_extension"


class JobState(StrEnum):
    """WAITING until no writer can follow the definition before; FAILED: with conflicts."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


FINISHED = frozenset({JobState.DONE, JobState.FAILED})
metrics.begin_at_zero(metrics.JOBS, JobKind, sorted(FINISHED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job on all profiles of ``tenant``; ``name`` is that of the key or the extension.

    It begins once the definition has the number ``revision``, and goes on at ``next`` in the
    scan. ``owner`` is the worker at it. ``conflicts`` counts profiles that it could not
    change, ``examples`` has ids of some.
    """

    id: str
    tenant: int
    kind: JobKind
    name: str
    revision: int
    state: JobState = JobState.WAITING
    owner: str = ""
    next: str | None = None
    profiles: int = 0
    conflicts: int = 0
    examples: tuple[str, ...] = ()
    started: str = field(default_factory=moments.now)
    changed: str = field(default_factory=moments.now)


def told_job(job: Job, definition: Definition, readable: Readable) -> dict[str, Any]:
    """As the metadata API tells it to one who may read what is ``readable``: ids only if they
    tell nothing else. Those of profiles that are in the way of a key say that they share a
    value of it, or have many."""
    told = public_job(job)
    return told if _may_name(job, definition, readable) else told | {"examples": []}


def _may_name(job: Job, definition: Definition, readable: Readable) -> bool:
    if job.kind is not JobKind.BUILD_KEY:
        return readable.attributes
    key = next((key for key in definition.keys if key.build == job.id), None)
    if key is None:
        return readable == ALL
    attributes = definition.source_attributes(key.source)
    sensitive = any(each.sensitive for each in attributes if each.name in key.attributes)
    return (
        readable.attributes
        and (readable.records or key.source == PROFILE)
        and (readable.sensitive or not sensitive)
    )


def public_job(job: Job) -> dict[str, Any]:
    """All that is told of it."""
    return {
        "id": job.id,
        "kind": job.kind,
        "name": job.name,
        "state": job.state,
        "profiles": job.profiles,
        "conflicts": job.conflicts,
        "examples": list(job.examples),
        "started": job.started,
        "changed": job.changed,
    }


class Jobs:
    """The jobs of all tenants. Raises `StoreUnavailable` where the store cannot be asked."""

    def __init__(self, dao: DocumentDao) -> None:
        self._dao = dao

    def create(self, job: Job) -> None:
        self._dao.put_document(_key(job.id), _content(job), expected=None, tag=uuid4())

    def discard(self, job_id: str) -> None:
        stored = self._dao.get_document(_key(job_id))
        if stored:
            self._dao.delete_document(_key(job_id), stored.tag)

    def get(self, tenant: int, job_id: str) -> Job:
        """:raises JobNotFound: the tenant has none of this id, or no more."""
        stored = self._dao.get_document(_key(job_id))
        job = _read(stored) if stored else None
        if job is None or job.tenant != tenant:
            raise JobNotFound
        return job

    def unfinished(self) -> Iterator[tuple[Job, UUID]]:
        """All jobs that are not finished, each with its tag."""
        for stored in self._dao.list_documents(SERVER, JOB):
            job = _read(stored)
            if job.state not in FINISHED:
                yield job, stored.tag

    def save(self, job: Job, expected: UUID) -> UUID:
        """Keep how far ``job`` is; its new tag.

        :raises VersionConflict: another worker has it.
        """
        tag, keep_for = uuid4(), KEEP_FOR if job.state in FINISHED else 0
        content = _content(replace(job, changed=moments.now()))
        self._dao.put_document(
            _key(job.id), content, expected=expected, tag=tag, keep_for=keep_for
        )
        if job.state in FINISHED:
            metrics.JOBS.labels(job.kind, job.state).inc()
        return tag


def _key(job_id: str) -> DocumentKey:
    return DocumentKey(SERVER, JOB, job_id)


def _content(job: Job) -> bytes:
    unfinished = {"tenant": job.tenant, "revision": job.revision, "owner": job.owner}
    return dump(public_job(job) | unfinished | {"next": job.next})


def _read(stored: StoredDocument) -> Job:
    members = parse(stored.content)
    changed = {
        "kind": JobKind(members["kind"]),
        "state": JobState(members["state"]),
        "examples": tuple(members["examples"]),
    }
    return Job(**members | changed)

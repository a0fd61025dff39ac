"""Changes of a tenant's definition, and what they start in the background."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from app.access.privileges import Privilege, PrivilegesMissing
from app.dao.errors import (
    DefinitionChanged,
    StoreUnavailable,
    VersionConflict,
    before_the_change,
)
from app.dao.values import Version
from app.services.definitions import Definitions, Revision
from app.services.errors import ChangeConflicts, ChangeRefused, JobNotFound
from app.services.jobs import FINISHED, Job, JobKind, Jobs
from app.services.preconditions import UNCONDITIONAL, Precondition, check_version
from app.services.readable import ALL, Readable
from app.services.rehearsal import Rehearsal, Report, public_report
from schemas import revising
from schemas.adoption import Action, Difference, adopt, differences, spelling_faults
from schemas.definition import Definition, IdentificationKey
from schemas.evolution import compare
from schemas.faults import Fault, pointer


@dataclass(frozen=True, slots=True)
class Order:
    """On which condition a definition is changed, and whether by force or for a trial only.

    ``readable`` is what of stored profiles who asks may be told; who may not read what is
    sensitive cannot make others see it either.
    """

    precondition: Precondition = UNCONDITIONAL
    force: bool = False
    dry_run: bool = False
    readable: Readable = ALL


@dataclass(frozen=True, slots=True)
class Changed:
    """The revision in force now, and the job that does the rest; or the report of a trial."""

    revision: Revision
    job: str | None = None
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What having another definition, ``changed``, would mean; with ``refused`` it cannot be.

    ``report`` is empty where no profile was looked at.
    """

    changed: Definition
    differences: Sequence[Difference]
    refused: Sequence[Fault]
    narrowing: bool
    report: Report


@dataclass(frozen=True, slots=True)
class Adopted:
    """The revision in force now, what became different, and the jobs that do the rest."""

    revision: Revision
    differences: Sequence[Difference]
    jobs: Sequence[str]


def version(revision: Revision) -> Version:
    """What the entity tag of a definition is made of."""
    return Version(revision.number, revision.tag)


class MetadataService:
    """Changes definitions.

    Each method raises `Invalid` with every fault of what it is given, `NotDefined` where there
    is nothing of the name, `NameTaken`, `InUse` where an identification key needs what would be
    gone, and `PreconditionFailed`.
    """

    def __init__(
        self,
        definitions: Definitions,
        rehearsal: Rehearsal,
        jobs: Jobs,
        wake: Callable[[], None],
    ) -> None:
        """``wake``: called when there is a new job."""
        self._definitions = definitions
        self._rehearsal = rehearsal
        self._jobs = jobs
        self._wake = wake

    def replace_attributes(self, raw: Any, revision: Revision, order: Order) -> Changed:
        """Have the core attributes ``raw``.

        :raises PrivilegesMissing: it would show more of what is sensitive.
        :raises ChangeRefused: it would lose information.
        :raises ChangeConflicts: stored profiles would be invalid.
        """
        _check(order, revision)
        changed = revising.replace_attributes(revision.definition, raw)
        return self._revise(revision, changed, order, "/attributes")

    def replace_extension(self, name: str, raw: Any, revision: Revision, order: Order) -> Changed:
        """Have the extension ``name`` as ``raw`` says. Raises what `replace_attributes` does."""
        _check(order, revision)
        changed = revising.replace_extension(revision.definition, name, raw)
        place = changed.extensions.index(revising.defined_extension(changed, name))
        base = pointer("extensions", place)
        return self._revise(revision, changed, order, base)

    def add_extension(self, raw: Any, revision: Revision, order: Order) -> Changed:
        _check(order, revision)
        changed = revising.add_extension(revision.definition, raw, uuid4().hex)
        return Changed(self._replace(revision, changed))

    def remove_extension(self, name: str, revision: Revision, order: Order) -> Changed:
        """Its records are out of sight at once, and removed in the background."""
        _check(order, revision)
        removed = revising.defined_extension(revision.definition, name).name
        changed = revising.remove_extension(revision.definition, removed)
        return self._with_job(JobKind.REMOVE_EXTENSION, removed, revision, changed)

    def add_key(self, raw: Any, revision: Revision, order: Order) -> Changed:
        """It is filled in the background, and can be used when that is done."""
        _check(order, revision)
        job_id = uuid4().hex
        changed = revising.add_key(revision.definition, raw, uuid4().hex, job_id)
        name = changed.keys[-1].name
        return self._with_job(JobKind.BUILD_KEY, name, revision, changed, job_id)

    def remove_key(self, name: str, revision: Revision, order: Order) -> Changed:
        _check(order, revision)
        removed = revising.defined_key(revision.definition, name).name
        changed = revising.remove_key(revision.definition, removed)
        return self._with_job(JobKind.REMOVE_KEY, removed, revision, changed)

    def plan(self, wanted: Definition, revision: Revision, *, look: bool = True) -> Plan:
        """What `adopt` would do; ``look``: at the stored profiles, if it narrows."""
        failed = {key.name for key in revision.definition.keys if self._has_failed(revision, key)}
        stored = revision.definition
        changed = adopt(stored, wanted, lambda: uuid4().hex, failed)
        evolution = compare(stored, changed)
        refused = [*spelling_faults(stored, changed), *evolution.refused]
        must_look = look and evolution.narrowing and not refused
        report = self._rehearsal.report(revision, changed) if must_look else Report()
        found = differences(stored, changed)
        return Plan(changed, found, refused, evolution.narrowing, report)

    def adopt(self, wanted: Definition, revision: Revision, *, force: bool = False) -> Adopted:
        """Have the definition ``wanted``, all of it in one revision; none where it is so already.

        Its keys are filled, and what is gone is removed, in the background.

        :raises ChangeRefused: it would lose information.
        :raises ChangeConflicts: stored profiles would be invalid.
        """
        plan = self.plan(wanted, revision, look=not force)
        if plan.refused:
            raise ChangeRefused(plan.refused)
        if plan.report.invalid:
            raise ChangeConflicts(public_report(plan.report))
        if not plan.differences:
            return Adopted(revision, (), ())
        jobs = list(_jobs_after(revision, plan))
        after = self._with_jobs(jobs, revision, plan.changed)
        return Adopted(after, plan.differences, [job.id for job in jobs])

    def _has_failed(self, revision: Revision, key: IdentificationKey) -> bool:
        """Whether ``key`` is incomplete, and nothing works at it any more."""
        try:
            return bool(key.build) and (
                self._jobs.get(revision.tenant, key.build).state in FINISHED
            )
        except JobNotFound:
            return True

    def _revise(self, revision: Revision, changed: Definition, order: Order, base: str) -> Changed:
        """``base``: where in a definition that stands which is changed, for the pointers."""
        evolution = compare(revision.definition, changed)
        if evolution.revealing and not order.readable.sensitive:
            raise PrivilegesMissing([Privilege.READ_SENSITIVE])
        if evolution.refused:
            faults = evolution.refused
            raise ChangeRefused(
                Fault(each.pointer.removeprefix(base), each.message) for each in faults
            )
        must_look = evolution.narrowing and (order.dry_run or not order.force)
        report = Report()
        if must_look:
            report = self._rehearsal.report(revision, changed, order.readable)
        if order.dry_run:
            return Changed(revision, report=report)
        if report.invalid and not order.force:
            raise ChangeConflicts(public_report(report))
        return Changed(self._replace(revision, changed))

    def _with_job(
        self,
        kind: JobKind,
        name: str,
        revision: Revision,
        changed: Definition,
        job_id: str | None = None,
    ) -> Changed:
        job = _job(kind, name, revision, job_id)
        return Changed(self._with_jobs([job], revision, changed), job.id)

    def _with_jobs(self, jobs: Sequence[Job], revision: Revision, changed: Definition) -> Revision:
        """The jobs are there first, so that none is ever missing; without the change they end."""
        with before_the_change():
            for job in jobs:
                self._jobs.create(job)
        try:
            after = self._replace(revision, changed)
        except DefinitionChanged:
            for job in jobs:
                # One that is left there is given up later.
                with suppress(StoreUnavailable):
                    self._jobs.discard(job.id)
            raise
        self._wake()
        return after

    def _replace(self, revision: Revision, changed: Definition) -> Revision:
        """:raises DefinitionChanged: ``revision`` is not in force any more."""
        try:
            return self._definitions.replace(revision, changed)
        except VersionConflict:
            raise DefinitionChanged from None


def _jobs_after(revision: Revision, plan: Plan) -> Iterator[Job]:
    """What is left to do once the plan's definition is in force."""
    builds = {key.name: key.build for key in plan.changed.keys}
    for each in plan.differences:
        if each.kind == "key" and each.action is not Action.REMOVED:
            yield _job(JobKind.BUILD_KEY, each.name, revision, builds[each.name])
        elif each.kind == "key":
            yield _job(JobKind.REMOVE_KEY, each.name, revision)
        elif each.kind == "extension" and each.action is Action.REMOVED:
            yield _job(JobKind.REMOVE_EXTENSION, each.name, revision)


def _job(kind: JobKind, name: str, revision: Revision, job_id: str | None = None) -> Job:
    """A job that begins with the revision after ``revision``."""
    return Job(
        id=job_id or uuid4().hex,
        tenant=revision.tenant,
        kind=kind,
        name=name,
        revision=revision.number + 1,
    )


def _check(order: Order, revision: Revision) -> None:
    check_version(order.precondition, version(revision))

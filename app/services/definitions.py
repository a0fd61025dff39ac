"""The definition of each tenant: stored, versioned, compiled once, never long out of date."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeVar
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from app.dao.base import DocumentDao
from app.dao.errors import (
    DefinitionChanged,
    StoreUnavailable,
    VersionConflict,
    before_the_change,
)
from app.dao.values import DEFINITION, DocumentKey, StoredDocument
from app.services.preconditions import MARK_DIGITS
from app.settings import DEFAULT_TENANT
from app.watching import metrics
from schemas.definition import Definition
from schemas.document import dump, parse, splice
from schemas.faults import DependsOnDefinition
from schemas.identity import IdentitySchema
from schemas.profile import ProfileSchema
from schemas.writing import from_document, to_document

MAX_AGE = 0.5
MAX_ATTEMPTS = 5
MAX_TENANTS = 10_000
MAX_DEFINITIONS = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a tenant's definition, compiled. ``tag`` never repeats.

    ``number`` counts from 1, which is the definition that a tenant starts with; that one is
    not ``stored`` before it is needed.
    """

    tenant: int
    number: int
    tag: UUID
    definition: Definition
    schema: ProfileSchema = field(compare=False)
    identity: IdentitySchema = field(compare=False)
    stored: bool = True

    def mark(self, *, masks: bool) -> str:
        """What stands for this revision in the entity tags of profiles, another where the answer
        ``masks`` what is sensitive."""
        digits = self.tag.hex
        return digits[-MARK_DIGITS:] if masks else digits[:MARK_DIGITS]


class Definitions:
    """The definitions of all tenants, as this process knows them.

    What it says is at most `MAX_AGE` seconds old, so that a change is in force everywhere
    within that time. Raises `StoreUnavailable` where the store cannot be asked.
    """

    def __init__(self, dao: DocumentDao, seed: Definition) -> None:
        """``seed``: what a tenant starts with."""
        self._dao = dao
        self._seed = to_document(seed)
        self._lock = threading.Lock()
        self._known: dict[int, tuple[float, Revision]] = {}

    def current(self, tenant: int) -> Revision:
        """The revision in force, or one that was within the last `MAX_AGE` seconds."""
        checked_at, revision = self._known.get(tenant, (-MAX_AGE, None))
        if revision is not None and time.monotonic() - checked_at < MAX_AGE:
            return revision
        return self.refreshed(tenant)

    def refreshed(self, tenant: int) -> Revision:
        """The revision in force right now."""
        asked_at = time.monotonic()
        stored = self._dao.get_document(DocumentKey(tenant, DEFINITION))
        _, known = self._known.get(tenant, (0.0, None))
        if stored is None:
            revision = known if known and not known.stored else self._seeded(tenant)
        elif known and known.stored and known.tag == stored.tag:
            revision = known
        else:
            revision = read_revision(tenant, stored)
        self._keep(asked_at, revision)
        return revision

    def run(self, tenant: int, operation: Callable[[Revision], T], *, fresh: bool = False) -> T:
        """``operation`` under the revision in force, also if that changes meanwhile.

        It is repeated where a newer one may not refuse what it refused, so a name that was
        just defined is known at once. ``fresh``: not even the first one may be an older one.

        :raises DefinitionChanged: it changed `MAX_ATTEMPTS` times.
        """
        revision = self.refreshed(tenant) if fresh else self.current(tenant)
        for _ in range(MAX_ATTEMPTS):
            try:
                return operation(revision)
            except DefinitionChanged:
                revision = self.refreshed(tenant)
            except DependsOnDefinition:
                # What is wrong stays wrong where nobody can be asked any more.
                with suppress(StoreUnavailable):
                    latest = self.refreshed(tenant)
                    if latest.tag != revision.tag:
                        revision = latest
                        continue
                raise
        raise DefinitionChanged

    def confirm(self, revision: Revision) -> None:
        """Make sure, just before a write, that it is made under the revision in force.

        A tenant's first definition is stored here, so that it stays what it is from now on.

        :raises DefinitionChanged: it is not.
        """
        current = self.current(revision.tenant)
        if current.tag != revision.tag:
            raise DefinitionChanged
        if not current.stored:
            self._store_seed(current)

    def replace(self, revision: Revision, definition: Definition) -> Revision:
        """``definition`` in force instead of ``revision``.

        :raises VersionConflict: another one is in force.
        """
        self.confirm(revision)
        document = to_document(definition)
        changed = compiled(revision.tenant, revision.number + 1, uuid4(), document)
        started = time.monotonic()
        self._put(changed, expected=revision.tag)
        self._keep(started, changed)
        return changed

    def _seeded(self, tenant: int) -> Revision:
        """Every process makes the same tag of it, so that it may be stored by any."""
        tag = uuid5(NAMESPACE_OID, f"{tenant} {self._seed.decode()}")
        return replace(compiled(tenant, 1, tag, self._seed), stored=False)

    def _store_seed(self, revision: Revision) -> None:
        stored = replace(revision, stored=True)
        started = time.monotonic()
        try:
            with before_the_change():
                self._put(stored, expected=None)
        except VersionConflict:
            if self.refreshed(revision.tenant).tag != revision.tag:
                raise DefinitionChanged from None
        else:
            self._keep(started, stored)

    def _put(self, revision: Revision, expected: UUID | None) -> None:
        document = splice(
            [
                ("revision", b"%d" % revision.number),
                ("definition", to_document(revision.definition)),
            ]
        )
        key = DocumentKey(revision.tenant, DEFINITION)
        self._dao.put_document(key, document, expected=expected, tag=revision.tag)

    def _keep(self, asked_at: float, revision: Revision) -> None:
        # A thread that asked during a change may come with the revision before, and later.
        with self._lock:
            if len(self._known) >= MAX_TENANTS:
                self._known.clear()
            at, known = self._known.get(revision.tenant, (0.0, None))
            if known is None or (revision.number, asked_at) >= (known.number, at):
                self._known[revision.tenant] = (asked_at, revision)
                if revision.tenant == DEFAULT_TENANT:
                    metrics.REVISION.set(revision.number)


def read_revision(tenant: int, stored: StoredDocument) -> Revision:
    """The revision that a tenant's stored definition is, compiled."""
    document = parse(stored.content)
    return compiled(tenant, document["revision"], stored.tag, dump(document["definition"]))


def compiled(tenant: int, number: int, tag: UUID, document: bytes) -> Revision:
    """The revision with the definition that ``document`` is."""
    schema, identity = _schemas(document)
    metrics.COMPILED.inc()
    return Revision(tenant, number, tag, schema.definition, schema, identity)


@lru_cache(MAX_DEFINITIONS)
def _schemas(document: bytes) -> tuple[ProfileSchema, IdentitySchema]:
    """The same for all tenants with this definition, as most have the one they started with."""
    definition = from_document(document)
    return ProfileSchema(definition), IdentitySchema(definition)

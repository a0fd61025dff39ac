"""All services on one store, as one process has them, at work for one tenant."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from app.dao.base import Dao
from app.dao.values import ProfileKey, StoredProfile
from app.services import metadata, profiles
from app.services.alignment import Alignment
from app.services.definitions import Definitions, Revision
from app.services.errors import ProfileNotFound
from app.services.extensions import ExtensionService
from app.services.identification import IdentifyService, Question
from app.services.job_runner import JobRunner
from app.services.jobs import Job, Jobs
from app.services.merges import MergeService, Order
from app.services.metadata import Adopted, Changed, MetadataService, Plan
from app.services.profiles import PLAIN, ProfileService
from app.services.rehearsal import Rehearsal
from app.services.survivors import Survivors
from app.services.writer import Writer
from app.settings import DEFAULT_DEFINITION
from schemas.definition import Definition
from schemas.document import dump, parse
from schemas.reader import read_definition

KEEP_PAST_FOR = 3600
MERGE = Order()
DEFAULT = read_definition(DEFAULT_DEFINITION.read_text())

T = TypeVar("T")


def with_unique(*keys: str) -> Definition:
    """The default definition, some of its keys unique."""
    changed = [replace(key, unique=key.name in keys) for key in DEFAULT.keys]
    return replace(DEFAULT, keys=tuple(changed))


UNIQUE_EMAIL = with_unique("email")


class Service:
    """The operations of the API as calls, each under the definition in force."""

    def __init__(self, dao: Dao, tenant: int, seed: Definition = UNIQUE_EMAIL) -> None:
        self.dao = dao
        self.tenant = tenant
        self.definitions = Definitions(dao, seed)
        self.survivors = Survivors(dao, KEEP_PAST_FOR)
        self.jobs = Jobs(dao)
        writer = Writer(dao, self.definitions, self.survivors)
        self.alignment = Alignment(dao, writer, self.survivors)
        self.runner = JobRunner(dao, self.jobs, self.definitions, self.alignment)
        self._profiles = ProfileService(writer, self.survivors, KEEP_PAST_FOR)
        self._extensions = ExtensionService(writer, self.survivors, KEEP_PAST_FOR)
        self._merges = MergeService(dao, writer, self.survivors, KEEP_PAST_FOR)
        self._identify = IdentifyService(dao, self.survivors, self.jobs)
        self._metadata = MetadataService(
            self.definitions, Rehearsal(dao), self.jobs, self.runner.wake
        )

    def key(self, customer_id: str) -> ProfileKey:
        return ProfileKey(self.tenant, customer_id)

    def stored(self, customer_id: str) -> StoredProfile:
        """What is there, in whatever state."""
        stored = self.dao.get(self.key(customer_id), for_change=True)
        assert stored is not None
        return stored

    def create(self, customer_id: str, body: dict[str, Any]) -> None:
        self._run(
            lambda revision: self._profiles.create(
                self.tenant, revision.schema.load(body | {"customer_id": customer_id}), revision
            )
        )

    def update(
        self, customer_id: str, body: dict[str, Any], order: profiles.Order = PLAIN
    ) -> None:
        self._run(
            lambda revision: self._profiles.update(
                self.key(customer_id), revision.schema.load(body, customer_id), revision, order
            )
        )

    def insert(
        self, customer_id: str, records: dict[str, Any], order: profiles.Order = PLAIN
    ) -> None:
        self._run(
            lambda revision: self._extensions.insert(
                self.key(customer_id), revision.schema.load_extensions(records), revision, order
            )
        )

    def delete(self, customer_id: str) -> None:
        self._run(lambda revision: self._profiles.delete(self.key(customer_id), revision))

    def merge(self, destination: str, source: str, order: Order = MERGE) -> None:
        self._run(
            lambda revision: self._merges.merge(self.key(destination), source, order, revision)
        )

    def query(self, customer_id: str) -> tuple[str, dict[str, Any]] | None:
        """The id of the survivor and all that it holds, None where there is no profile."""
        try:
            profile = self._run(
                lambda revision: self._profiles.query(
                    self.key(customer_id), revision, revision.schema.extensions
                )
            )
        except ProfileNotFound:
            return None
        records = {name: parse(text) for name, text in profile.extensions.items()}
        return profile.customer_id, parse(profile.attributes) | records

    def identify(self, name: str, value: str, key: str | None = None) -> list[str]:
        """The ids of the profiles that hold ``value``."""
        question = Question(((name, value),), key)
        found = self._run(
            lambda revision: self._identify.identify(self.tenant, question, revision)
        )
        return [profile.customer_id for profile in found.profiles]

    def add_extension(self, body: dict[str, Any]) -> None:
        self._change(lambda revision, order: self._metadata.add_extension(body, revision, order))

    def remove_extension(self, name: str) -> str:
        """The id of the job."""
        return self._job_of(
            lambda revision, order: self._metadata.remove_extension(name, revision, order)
        )

    def add_key(self, body: dict[str, Any]) -> str:
        """The id of the job."""
        return self._job_of(lambda revision, order: self._metadata.add_key(body, revision, order))

    def remove_key(self, name: str) -> str:
        """The id of the job."""
        return self._job_of(
            lambda revision, order: self._metadata.remove_key(name, revision, order)
        )

    def adopt(self, wanted: Definition, *, force: bool = False) -> Adopted:
        return self.definitions.run(
            self.tenant,
            lambda revision: self._metadata.adopt(wanted, revision, force=force),
            fresh=True,
        )

    def plan(self, wanted: Definition) -> Plan:
        return self._metadata.plan(wanted, self.definitions.refreshed(self.tenant))

    def job(self, job_id: str) -> Job:
        return self.jobs.get(self.tenant, job_id)

    def _job_of(self, change: Callable[[Revision, metadata.Order], Changed]) -> str:
        job = self._change(change).job
        assert job is not None
        return job

    def _change(self, change: Callable[[Revision, metadata.Order], Changed]) -> Changed:
        return self.definitions.run(
            self.tenant, lambda revision: change(revision, metadata.Order()), fresh=True
        )

    def _run(self, operation: Callable[[Revision], T]) -> T:
        return self.definitions.run(self.tenant, operation)


def plain(value: Any) -> Any:
    """``value`` as a JSON text would tell it, so that it can be compared."""
    return parse(dump(value))

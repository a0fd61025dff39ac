"""The composition root below HTTP: settings and a store in, the services out."""

from collections.abc import Callable
from dataclasses import dataclass

from app.dao.base import Dao
from app.definition import load_definition
from app.services.alignment import Alignment
from app.services.definitions import Definitions
from app.services.job_runner import JobRunner
from app.services.jobs import Jobs
from app.services.metadata import MetadataService
from app.services.profiles import ProfileService
from app.services.rehearsal import Rehearsal
from app.services.survivors import Survivors
from app.services.writer import Writer
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Core:
    """What all operations on profiles share."""

    dao: Dao
    definitions: Definitions
    survivors: Survivors
    writer: Writer
    alignment: Alignment
    jobs: Jobs
    runner: JobRunner
    keep_past_for: int

    def profile_service(self) -> ProfileService:
        return ProfileService(self.writer, self.survivors, self.keep_past_for)

    def metadata_service(self, met: Callable[[int], None] = lambda _: None) -> MetadataService:
        """``met`` as for `Rehearsal`."""
        rehearsal = Rehearsal(self.dao, met)
        return MetadataService(self.definitions, rehearsal, self.jobs, self.runner.wake)


def compose(settings: Settings, dao: Dao) -> Core:
    """The core of the service on ``dao``. Opens no connection and starts no thread.

    :raises WrongSetting: the definition cannot be used.
    """
    definitions = Definitions(dao, load_definition(settings))
    survivors = Survivors(dao, settings.keep_past_for)
    writer = Writer(dao, definitions, survivors)
    jobs, alignment = Jobs(dao), Alignment(dao, writer, survivors)
    runner = JobRunner(dao, jobs, definitions, alignment)
    keep_past_for = settings.keep_past_for
    return Core(dao, definitions, survivors, writer, alignment, jobs, runner, keep_past_for)

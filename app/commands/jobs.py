"""The background jobs of a tenant, as commands wait for them and tell them."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.commands.progress import Task, progress
from app.services.jobs import FINISHED, Job, JobState
from app.services.scanning import count

if TYPE_CHECKING:
    from app.core import Core

POLL_SECONDS = 0.1


def of(core: "Core", tenant: int, ids: Iterable[str]) -> list[Job]:
    """The jobs with these ids, as they are now."""
    return [core.jobs.get(tenant, each) for each in ids]


def wait(core: "Core", tenant: int, ids: Iterable[str]) -> list[Job]:
    """The jobs with these ids, and all that are left of the tenant, once they are finished.

    This process does them, unless another one does.
    """
    left = [job.id for job, _ in core.jobs.unfinished() if job.tenant == tenant]
    ids = list(dict.fromkeys([*ids, *left]))
    if not ids:
        return []
    total = count(core.dao, tenant) * len(ids)
    core.runner.start()
    try:
        with progress(Task("background jobs", "profiles", total)) as shown:
            while True:
                found = of(core, tenant, ids)
                done = sum(job.profiles + job.conflicts for job in found)
                shown.update(done, done)
                if all(job.state in FINISHED for job in found):
                    return found
                time.sleep(POLL_SECONDS)
    finally:
        core.runner.stop()


def line(job: Job) -> str:
    """What is told of a job."""
    what = f"job {job.id}: {job.kind} {job.name}"
    if job.state is JobState.FAILED:
        return f"{what} has failed, {job.conflicts} profiles such as {', '.join(job.examples)}"
    if job.state is JobState.DONE:
        return f"{what} is done"
    return f"{what} is left to the running service, or to --wait"

"""``profiles reindex``: give stored profiles the entries that identify finds them by."""

import click

from app.commands.options import TENANT, json_option, tell, threads_option
from app.commands.progress import MAX_SAID, Progress, Task, progress
from app.commands.services import core_on
from app.services.reindexing import Missed, Reindexing
from app.services.scanning import count
from app.settings import read_settings


@click.command()
@click.option("--tenant", type=TENANT, help="Only this tenant; all without it.")
@threads_option()
@json_option
def reindex(tenant: int | None, threads: int, *, as_json: bool) -> None:
    """Let identify find every stored profile by what it holds.

    Needed once after `profiles migrate apply` says so. Does no harm at any time: the service may
    run, and profiles stay what they are.
    """
    with core_on(read_settings()) as core:
        reindexing = Reindexing(core.dao, core.definitions, core.alignment)
        task = Task("reindexing", "profiles", count(core.dao, tenant), resumes=False)
        with progress(task) as shown:
            done, missed = _run(reindexing, tenant, threads, shown)
    tell({"profiles": done, "missed": missed}, f"{done} profiles looked at", as_json=as_json)
    if missed:
        raise click.ClickException(
            f"{missed} profiles cannot be found by all that they hold; mend them and run it again."
        )


def _run(
    reindexing: Reindexing, tenant: int | None, threads: int, shown: Progress
) -> tuple[int, int]:
    """How many profiles were looked at, and how many of them are not found by all."""
    done = missed = 0
    for page in reindexing.run(tenant, threads):
        _tell(page.missed[: max(MAX_SAID - missed, 0)], shown)
        done += page.profiles
        missed += len(page.missed)
        shown.update(done, done)
    return done, missed


def _tell(missed: tuple[Missed, ...], shown: Progress) -> None:
    for each in missed:
        shown.say(f"tenant {each.key.tenant}, profile {each.key.customer_id}: {each.why}")

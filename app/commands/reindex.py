"""``profiles reindex``: give stored profiles the entries that identify finds them by."""

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.factory import compose
from app.services.reindexing import Missed, Reindexing
from app.settings import read_settings
from app.stores import open_dao

SHOWN_MISSED = 10


@click.command()
@click.option(
    "--tenant", type=click.IntRange(0, 10**18 - 1), help="Only this tenant; all without it."
)
@click.option(
    "--threads",
    type=click.IntRange(1, 256),
    default=16,
    show_default=True,
    help="Profiles renewed at a time.",
)
def reindex(tenant: int | None, threads: int) -> None:
    """Let identify find every stored profile by what it holds.

    Needed once after `profiles migrate` says so. Does no harm at any time: the service may
    run, and profiles stay what they are.
    """
    settings = read_settings()
    dao = open_dao(settings.store)
    try:
        core = compose(settings, dao)
        done, missed = _run(Reindexing(dao, core.definitions, core.alignment()), tenant, threads)
    finally:
        dao.close()
    click.echo(f"{done} profiles looked at")
    if missed:
        raise click.ClickException(
            f"{missed} profiles cannot be found by all that they hold; mend them and run it again."
        )


def _run(reindexing: Reindexing, tenant: int | None, threads: int) -> tuple[int, int]:
    """How many profiles were looked at, and how many of them are not found by all."""
    done = missed = 0
    with _progress() as progress:
        bar = progress.add_task("reindexing", total=None, profiles=0)
        for page in reindexing.run(tenant, threads):
            _tell(page.missed[: max(SHOWN_MISSED - missed, 0)], progress.console)
            done += page.profiles
            missed += len(page.missed)
            progress.update(bar, profiles=done)
    return done, missed


def _tell(missed: tuple[Missed, ...], console: Console) -> None:
    for each in missed:
        told = f"tenant {each.key.tenant}, profile {each.key.customer_id}: {each.why}"
        console.print(told, markup=False, highlight=False, soft_wrap=True)


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.fields[profiles]} profiles"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )

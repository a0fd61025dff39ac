"""``profiles migrate``: prepare the store for this release."""

from collections.abc import Iterable

import click

from app import stores
from app.commands.options import json_option, tell
from app.dao.status import MigrationState, Stage
from app.settings import read_settings

ENTRIES_MISSING = (
    "profiles are stored here that identify does not find yet: once no server of the earlier"
    " release runs any more, run `profiles reindex`"
)
UP_TO_DATE = "the store is up to date"


@click.group()
def migrate() -> None:
    """Prepare the store in PROFILES_STORE for this release."""


@migrate.command()
@click.option(
    "--resume", is_flag=True, help="Go on with a migration that an earlier run left unfinished."
)
@click.option("--quiet", is_flag=True, help="Say nothing when there is nothing to apply.")
@json_option
def apply(*, resume: bool, quiet: bool, as_json: bool) -> None:
    """Make the store, and apply the migrations it lacks.

    Any number of processes may do so at once.
    """
    names = stores.migrate(read_settings().store, resume=resume)
    if names or not quiet:
        lacking = stores.lacks_entries(names)
        lines = [*(f"applied {name}" for name in names), *([ENTRIES_MISSING] if lacking else [])]
        result = {"applied": names, "reindex": lacking}
        tell(result, "\n".join(lines) or UP_TO_DATE, as_json=as_json)


@migrate.command()
@json_option
def plan(*, as_json: bool) -> None:
    """List what `apply` would apply, and what would stop it.

    Changes nothing. Ends with 1 if something would stop it.
    """
    states = stores.migration_states(read_settings().store)
    names = [each.name for each in states if each.stage not in {Stage.APPLIED, Stage.CHANGED}]
    obstacles = _obstacles(states)
    lines = [*(f"would apply {name}" for name in names), *(f"stops: {each}" for each in obstacles)]
    result = {"would_apply": names, "obstacles": obstacles}
    tell(result, "\n".join(lines) or UP_TO_DATE, as_json=as_json)
    if obstacles:
        raise click.exceptions.Exit(1)


@migrate.command()
@json_option
def status(*, as_json: bool) -> None:
    """List every migration of this release, and what became of it.

    Ends with 1 unless all are applied, each with the text that it has now.
    """
    states = stores.migration_states(read_settings().store)
    told = [
        {"name": each.name, "stage": each.stage, "applied_at": each.applied_at} for each in states
    ]
    up_to_date = all(each.stage is Stage.APPLIED for each in states)
    text = "\n".join([*map(_line, states), *_obstacles(states)])
    tell({"migrations": told, "up_to_date": up_to_date}, text, as_json=as_json)
    if not up_to_date:
        raise click.exceptions.Exit(1)


def _obstacles(states: Iterable[MigrationState]) -> list[str]:
    return [each.obstacle for each in states if each.obstacle]


def _line(state: MigrationState) -> str:
    when = f"  {state.applied_at:%Y-%m-%d %H:%M:%S} UTC" if state.applied_at else ""
    return f"{state.stage:10} {state.name}{when}"

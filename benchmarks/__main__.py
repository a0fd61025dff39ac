"""``python -m benchmarks [BASE]``: measure the service, and write what was measured."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from benchmarks.load.operations import EXTENSIONS, IDENTIFY, IF_MATCH, QUERY, UPDATE
from benchmarks.load.wrk import CONNECTIONS, NoWrk, check_wrk
from benchmarks.machine import this_machine
from benchmarks.measurements import FOLDER, Measurements
from benchmarks.page import BASE, NEW, errors, page
from benchmarks.processes import NoStart, end_in_order
from benchmarks.rounds import Pace, say
from benchmarks.run import FOOTPRINT, LOADED, OPEN_QUERY, UNITS, Run
from benchmarks.service.candidates import STORES, WORKERS
from benchmarks.service.checkouts import Checkout, NoCheckout, checkout, working_tree

_COMPARED = (QUERY, EXTENSIONS, IDENTIFY, UPDATE, IF_MATCH, OPEN_QUERY, FOOTPRINT)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured unless something else is asked for."""

    units: tuple[str, ...]
    closed: Pace
    open: Pace


ALONE = Plan(UNITS, Pace(3, 3), Pace(2, 10))
BESIDE_BASE = Plan(_COMPARED, Pace(5, 6), Pace(5, 6))


def _names(
    known: tuple[str, ...], _context: click.Context, _option: object, text: str | None
) -> list[str] | None:
    """Those with commas between, in the order in which they are ``known``."""
    if text is None:
        return None
    asked = set(text.split(","))
    if unknown := asked - set(known):
        raise click.BadParameter(f"there is no {', '.join(sorted(unknown))}: {', '.join(known)}")
    return [name for name in known if name in asked]


@click.command()
@click.argument("base", required=False)
@click.option("--stores", callback=partial(_names, STORES), help=f"Of {','.join(STORES)}.")
@click.option("--units", callback=partial(_names, UNITS), help=f"Of {','.join(UNITS)}.")
@click.option("--rounds", type=click.IntRange(1), help="Of everything but a load.")
@click.option("--seconds", type=click.IntRange(1), help="Of each round.")
@click.option("--again", is_flag=True, help="Forget what was measured of the same before.")
@click.option("--cassandra", metavar="HOST:PORT", help="A node that runs already.")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    default=FOLDER / "report.md",
    help="Where the page is written; var/bench/report.md unless given.",
)
def main(base: str | None, report: Path, *, again: bool, **asked: Any) -> None:
    """Measure the service of this working tree; with BASE, in turn with that of this commit.

    Each unit is saved in var/bench when it is measured, and a run that was interrupted goes on
    behind the last one. The exit code is 1 if something failed or was answered wrongly.
    """
    end_in_order()
    try:
        check_wrk()
        run = _run(base, **asked)
        if again:
            run.saved.forget()
        _measure(run, asked["stores"] or STORES, report)
    except (NoWrk, NoCheckout, NoStart) as error:
        raise click.ClickException(str(error)) from None


def _measure(run: Run, stores: list[str] | tuple[str, ...], report: Path) -> None:
    conditions = _conditions(run)
    found = sum(map(len, run.saved.all().values()))
    say(f"{found} units were measured before, in {run.saved.folder}")

    def write() -> None:
        report.write_text(page(conditions, run.saved.all()))

    for store in stores:
        run.measure(store, write)
    write()
    say(f"the report is {report}")
    sys.exit(any(map(run.missing, stores)) or errors(run.saved.all()) > 0)


def _run(
    base: str | None,
    *,
    units: list[str] | None,
    rounds: int | None,
    seconds: int | None,
    cassandra: str | None,
    **_: object,
) -> Run:
    """:raises NoCheckout: there is no such base, or an environment cannot be made."""
    plan = BESIDE_BASE if base else ALONE
    closed, open_ = (
        Pace(rounds or each.rounds, seconds or each.seconds) for each in (plan.closed, plan.open)
    )
    checkouts = {BASE: checkout(base)} if base else {}
    checkouts[NEW] = working_tree()
    return Run(
        checkouts,
        units or plan.units,
        closed,
        open_,
        Measurements(FOLDER / _key(checkouts, closed, open_)),
        LOADED,
        cassandra,
    )


def _key(checkouts: Mapping[str, Checkout], closed: Pace, open_: Pace) -> str:
    """A name for what has to be equal for measurements to be of the same run."""
    before = f"{checkouts[BASE].commit}-" if BASE in checkouts else ""
    paces = "-".join(f"{each.rounds}x{each.seconds}" for each in (closed, open_))
    return f"{before}{this_machine().key}-{paces}"


def _conditions(run: Run) -> list[str]:
    return [
        *(f"{name}: commit `{each.commit}`" for name, each in run.checkouts.items()),
        this_machine().told(),
        f"{WORKERS} workers each, JSON log and metrics on, everything else by default",
        f"closed loop: {run.closed.rounds} rounds of {run.closed.seconds} s, wrk with"
        f" {CONNECTIONS} connections; open loop: {run.open.rounds} rounds of {run.open.seconds} s",
        "service, store and load share the machine",
    ]


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")

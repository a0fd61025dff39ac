"""``python -m benchmarks``: measure, and tell what was measured."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from benchmarks import measurements, stores, wrk
from benchmarks.bench import Bench, say
from benchmarks.machine import this_machine
from benchmarks.measurements import Measurements
from benchmarks.parts import PARTS, UNITS
from benchmarks.processes import end_in_order
from benchmarks.report import write_report
from benchmarks.wrk import NoWrk


@click.group(invoke_without_command=True)
@click.option("--only", default="", help=f"Units, with commas between: {', '.join(UNITS)}.")
@click.option("--store", type=click.Choice(stores.NAMES), help="One store instead of both.")
@click.option("--quick", is_flag=True, help="Some minutes, to try it out; kept apart.")
@click.option("--again", is_flag=True, help="Forget what was measured of this commit before.")
@click.option("--cassandra", metavar="HOST:PORT", help="A node that runs already.")
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """Measure the service beside its floors and a peer, and write the report.

    Each unit is saved in var/bench when it is measured, by commit and machine, and a run that
    was interrupted goes on behind the last one.
    """
    end_in_order()
    if context.invoked_subcommand is None:
        run(**options)


def run(*, only: str, store: str | None, quick: bool, again: bool, cassandra: str | None) -> None:
    """Measure what is missing, then write the report."""
    asked = frozenset(filter(None, only.split(",")))
    known = {*UNITS, *(unit.partition("-")[0] for unit in UNITS)}
    if unknown := asked - known:
        raise click.BadParameter(f"there is no {', '.join(sorted(unknown))}", param_hint="--only")
    try:
        wrk.check_wrk()
    except NoWrk as error:
        raise click.ClickException(str(error)) from None
    saved = Measurements.of(this_machine(), quick=quick)
    if again:
        saved.forget()
    found = sum(map(len, saved.all().values()))
    say(
        f"{found} units were measured before, in {saved.folder}"
        if found
        else f"into {saved.folder}"
    )
    for name in (store,) if store else stores.NAMES:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            bench = Bench(Path(folder), saved, quick=quick, only=asked)
            if any(bench.wanted(name, part.UNITS) for part in PARTS):
                with stores.opened(name, bench.folder, cassandra) as made:
                    for part in PARTS:
                        part.measure(bench, made, name)
    say(f"the report is {write_report(saved)}")


@main.command()
def report() -> None:
    """Write the report and the plots of what was measured last."""
    found = measurements.latest()
    if found is None:
        raise click.ClickException("Nothing was measured yet: make bench")
    say(f"the report is {write_report(found)}")


if __name__ == "__main__":
    sys.exit(main(prog_name="python -m benchmarks"))

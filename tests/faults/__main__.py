"""``python -m tests.faults``: all fault runs, or those that are named, and one table.

All of them end with requests whose framing is drawn at random, and with a measurement of what
becomes of three times the requests that fit.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from app import stores
from tests.faults import framing
from tests.faults.checker import Report
from tests.faults.nodes import running_nodes
from tests.faults.overload import overload, text
from tests.faults.run import Run
from tests.faults.scenarios import embedded, nodes, processes
from tests.faults.table import Row, table
from tests.fuzz.framing.trial import Disagreement

OPERATIONS = 220_000
SHOWN = 10

Play = Callable[[Run], Report]

CLOCKS = "cassandra: clocks 5 s apart"

# How much of all operations each has. Three nodes on one machine are slow, a file is not.
ON_SQLITE = {
    "sqlite: workers killed": 30,
    "sqlite: instances restarted": 20,
    "sqlite: file locked": 12,
    "sqlite: file read-only": 12,
    "sqlite: disk full": 12,
}
ON_NODES = {
    "cassandra: node killed": 3,
    "cassandra: node paused 20 s": 3,
    "cassandra: nodes restarted in turn": 3,
    "cassandra: cut from a node": 3,
    "cassandra: workers killed": 3,
    CLOCKS: 3,
    "cassandra: instances restarted": 3,
}
SHARES = ON_SQLITE | ON_NODES


def main() -> int:
    """Run, show, and fail where a promise was broken."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left running
    options = _options()
    chosen = options.scenarios or list(SHARES)
    if CLOCKS in chosen:
        try:
            processes.libfaketime()
        except processes.MissingTool as error:
            sys.exit(f"Error: {error}")
    whole = sum(SHARES[name] for name in chosen)
    rows: list[Row] = []
    misread: list[Disagreement] = []
    with ExitStack() as stack:
        folder = Path(options.folder or stack.enter_context(tempfile.TemporaryDirectory()))
        for name, play in _plays(chosen, folder, stack):
            place = folder / f"run{len(rows)}"
            place.mkdir(parents=True)
            run = Run(place, options.operations * SHARES[name] // whole, seed=options.seed)
            rows.append(_played(name, play, run))
        print(f"\n{table(rows)}", flush=True)
        if not options.scenarios:
            (folder / "framing").mkdir()
            misread = framing.framing(folder / "framing", seed=options.seed)
            print(f"\nframing: {framing.text(framing.CONNECTIONS, misread)}", flush=True)
            (folder / "overload").mkdir()
            measured = overload(embedded.prepared(folder / "overload"), folder / "overload")
            print(f"\noverload: {text(measured)}")
    return int(bool(misread) or any(row.report.violations for row in rows))


def _played(name: str, play: Play, run: Run) -> Row:
    begun = time.monotonic()
    print(f"{name}: {run.operations} operations ...", flush=True)
    report = play(run)
    for note in run.notes:
        print(f"  {note}")
    for violation in report.violations[:SHOWN]:
        print(f"  {violation}")
    print(f"  {len(report.violations)} violations, {time.monotonic() - begun:.0f} s", flush=True)
    return Row(name, run.faults, report)


def _plays(chosen: list[str], folder: Path, stack: ExitStack) -> Iterator[tuple[str, Play]]:
    """The scenarios by name; the nodes are started when the first of theirs is to run."""
    on_sqlite: dict[str, Play] = dict(
        zip(
            ON_SQLITE,
            (
                _on_file(processes.killed_workers),
                _on_file(processes.restarted_instances),
                embedded.locked_file,
                embedded.read_only_file,
                embedded.full_disk,
            ),
            strict=True,
        )
    )
    yield from ((name, on_sqlite[name]) for name in chosen if name in on_sqlite)
    left = [name for name in chosen if name in ON_NODES]
    if not left:
        return
    print("starting three nodes ...", flush=True)
    cluster = stack.enter_context(running_nodes(folder / "nodes"))
    stores.migrate(cluster.address)
    on_nodes: dict[str, Play] = dict(
        zip(
            ON_NODES,
            (
                partial(nodes.killed_node, nodes=cluster),
                partial(nodes.paused_node, nodes=cluster),
                partial(nodes.restarted_nodes, nodes=cluster),
                partial(nodes.cut_from_a_node, nodes=cluster),
                partial(processes.killed_workers, address=cluster.address),
                partial(processes.clocks_apart, address=cluster.address),
                partial(processes.restarted_instances, address=cluster.address),
            ),
            strict=True,
        )
    )
    yield from ((name, on_nodes[name]) for name in left)


def _on_file(play: Callable[..., Report]) -> Play:
    return lambda run: play(run, embedded.prepared(run.folder))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help="; ".join(SHARES))
    parser.add_argument("--operations", type=int, default=OPERATIONS, help="over all scenarios")
    parser.add_argument("--seed", type=int, default=1, help="of what the clients do")
    parser.add_argument("--folder", type=Path, help="keeps histories, logs and data")
    options = parser.parse_args()
    if unknown := set(options.scenarios) - SHARES.keys():
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    sys.exit(main())

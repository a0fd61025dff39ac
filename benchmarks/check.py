"""``python -m benchmarks.check BASE``: has an operation become dearer since that commit?

Both commits run the same requests in one process, in the environment of this working tree.
Where valgrind or perf counts CPU instructions, those are compared: they hardly vary from run
to run. Else it is CPU time, in turn and several times.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import click

from benchmarks.arithmetic import median_ratio
from benchmarks.machine import ROOT, git
from benchmarks.processes import end_in_order
from benchmarks.rounds import say

OPERATIONS = ("query", "extensions", "identify", "update")
WORKLOAD = Path(__file__).with_name("workload.py")
COUNT = 200
_ROUNDS, _TIMED = 7, 500
# Time varies from run to run, although rounds take turns; instructions hardly do.
BOUNDS = {"instructions": 1.03, "CPU time": 1.10}

Count = Callable[[Path, str, int], int]


@dataclass(frozen=True, slots=True)
class Compared:
    """What ``operation`` takes now, as a ratio to what it took before."""

    operation: str
    ratio: float


@click.command()
@click.argument("base")
@click.option("--bound", type=float, help="The largest ratio that is no failure.")
def main(base: str, bound: float | None) -> None:
    """Compare this working tree with the commit BASE; exit with 1 if it is dearer."""
    end_in_order()
    counter = _counter()
    unit = "instructions" if counter else "CPU time"
    most = bound or BOUNDS[unit]
    say(f"comparing {unit} of {', '.join(OPERATIONS)} with {base} ...")
    with _checked_out(base) as before:
        found = _by_instructions(before, counter) if counter else _by_time(before)
    print("\n".join(told(each, unit, most) for each in found))
    sys.exit(any(each.ratio > most for each in found))


def told(compared: Compared, unit: str, most: float) -> str:
    """One line."""
    verdict = f"more than {most:.2f}" if compared.ratio > most else "ok"
    return f"{compared.operation:10}  {compared.ratio:.3f} of the {unit} before  {verdict}"


@contextmanager
def _checked_out(base: str) -> Iterator[Path]:
    """The files of the commit ``base``, in a folder of their own."""
    try:
        commit = git("rev-parse", "--verify", "--quiet", f"{base}^{{commit}}")
    except subprocess.CalledProcessError:
        raise click.ClickException(f"There is no commit {base}: give one as BASE.") from None
    with tempfile.TemporaryDirectory(prefix="bench-base-") as folder:
        tree = Path(folder) / "tree"
        git("worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            yield tree
        finally:
            git("worktree", "remove", "--force", str(tree))


def _by_instructions(before: Path, counter: Count) -> list[Compared]:
    """Of the requests alone: what the same process takes without them is left out."""
    runs = [(OPERATIONS[0], 0), *((name, COUNT) for name in OPERATIONS)]
    jobs = list(product((before, ROOT), runs))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        counts = dict(zip(jobs, pool.map(lambda job: counter(job[0], *job[1]), jobs), strict=True))

    def each(tree: Path, operation: str) -> int:
        return counts[tree, (operation, COUNT)] - counts[tree, runs[0]]

    return [Compared(name, each(ROOT, name) / each(before, name)) for name in OPERATIONS]


def _by_time(before: Path) -> list[Compared]:
    seconds: dict[tuple[Path, str], list[float]] = {}
    for _, operation, tree in product(range(_ROUNDS), OPERATIONS, (before, ROOT)):
        printed = _run([], tree, operation, _TIMED).stdout
        seconds.setdefault((tree, operation), []).append(float(printed))
    return [
        Compared(name, median_ratio(seconds[ROOT, name], seconds[before, name]))
        for name in OPERATIONS
    ]


def _counter() -> Count | None:
    """What counts instructions here, None where nothing does: virtual machines often hide the
    processor's counters, which perf reads; valgrind counts by itself, and is slow."""
    if shutil.which("perf") and _counted_by_perf(["perf", "stat", "-e", "instructions:u", "true"]):
        return _perf
    return _valgrind if shutil.which("valgrind") else None


def _perf(tree: Path, operation: str, count: int) -> int:
    words = ["perf", "stat", "-x,", "-e", "instructions:u"]
    return _instructions(_run(words, tree, operation, count).stderr)


def _counted_by_perf(command: list[str]) -> bool:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.returncode == 0 and "<not " not in ended.stderr


def _instructions(told: str) -> int:
    return int(next(line for line in told.splitlines() if "instructions" in line).split(",")[0])


def _valgrind(tree: Path, operation: str, count: int) -> int:
    words = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    told = _run(words, tree, operation, count).stderr
    return int(next(line for line in told.splitlines() if "Collected" in line).split()[-1])


def _run(
    through: list[str], tree: Path, operation: str, count: int
) -> subprocess.CompletedProcess[str]:
    """The workload on the files in ``tree``."""
    with tempfile.TemporaryDirectory(prefix="bench-check-") as folder:
        words = [*through, sys.executable, str(WORKLOAD), folder, operation, str(count)]
        environment = {"PYTHONPATH": str(tree), "PYTHONHASHSEED": "0"}
        ended = subprocess.run(
            words,
            env=os.environ | environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if ended.returncode:
        raise click.ClickException(f"{operation} on {tree} failed:\n{ended.stderr[-2000:]}")
    return ended


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.check")

"""How the cost of a request grows with the number of profiles in the store, and what it takes
to load a million."""

from contextlib import ExitStack
from functools import partial
from typing import Any

from benchmarks import sample, service, stores
from benchmarks.bench import Bench, say
from benchmarks.parts.points import IDENTIFY, QUERY, UPDATE, Population, by_line, of_all
from benchmarks.service import Deployment
from benchmarks.stores import Stores

UNITS = ("growth-profiles",)
COUNTS, QUICK_COUNTS = (10_000, 100_000, 1_000_000), (1_000, 10_000)
SECONDS = 3


def measure(bench: Bench, made: Stores, store: str) -> None:
    """Last of all, as it takes longest."""
    bench.measure(store, UNITS, partial(_unit, bench, made))


def _unit(bench: Bench, made: Stores, _unit: str) -> dict[str, Any]:
    counts = QUICK_COUNTS if bench.quick else COUNTS
    loads: dict[str, Any] = {}
    points = {}
    with ExitStack() as stack:
        for count in counts:
            address = made.prepared(f"many_{count}")
            file = bench.folder / "many.ndjson"
            sample.write_realistic(file, count)
            loaded = stores.load(address, file)
            file.unlink()
            loads[str(count)] = {"seconds": loaded.seconds, "peak": loaded.peak}
            say(f"  loaded {count} in {loaded.seconds:.0f} s")
            server = stack.enter_context(service.serving(Deployment(address, bench.folder)))
            points[count] = Population(server, count, bench.folder)
        samples = bench.in_turn(of_all(points, (QUERY, UPDATE, IDENTIFY)), SECONDS)
    return {"axis": "profiles", "lines": by_line(samples), "loads": loads}

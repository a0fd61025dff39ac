"""What the service takes before its first request and after many: memory, and time to start."""

import subprocess
import sys
from functools import partial
from statistics import median
from typing import Any

from benchmarks import service, stores, wrk
from benchmarks.bench import Bench
from benchmarks.machine import ROOT
from benchmarks.service import Deployment
from benchmarks.stores import Stores
from benchmarks.wrk import Load

UNITS = ("footprint",)
PROFILES = 1000
SECONDS = 5
_IMPORT = (
    "import sys, time; begin = time.perf_counter(); import app.factory;"
    " print(time.perf_counter() - begin, len(sys.modules))"
)


def measure(bench: Bench, made: Stores, store: str) -> None:
    """On one store."""
    bench.measure(store, UNITS, partial(_unit, bench, made))


def _unit(bench: Bench, made: Stores, _unit: str) -> dict[str, Any]:
    address = made.prepared("footprint")
    stores.fill(address, bench.folder, range(PROFILES))
    imports = [_import_time() for _ in range(bench.rounds)]
    found: dict[str, Any] = {
        "import_seconds": median(seconds for seconds, _ in imports),
        "modules": imports[0][1],
        "servers": {},
    }
    for name in service.servers():
        with service.serving(Deployment(address, bench.folder, server=name)) as server:
            before = server.tree.resident()
            for options in ({}, {"query": "?extensions=*"}):
                load = Load("get", bench.seconds(SECONDS), {"count": PROFILES, **options})
                wrk.run(server, load)
            found["servers"][name] = {
                "ready_seconds": server.seconds,
                "resident_before": before,
                "resident_after": server.tree.resident(),
            }
    return found


def _import_time() -> tuple[float, int]:
    """How long a fresh process takes to import the application, and how many modules it has."""
    ended = subprocess.run(
        [sys.executable, "-c", _IMPORT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, modules = ended.stdout.split()
    return float(seconds), int(modules)

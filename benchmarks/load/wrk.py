"""wrk, which sends the requests of ``requests.lua`` in a closed loop."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.processes import Server

CONNECTIONS = 16
SCRIPT = Path(__file__).with_name("requests.lua")
_THREADS = 2
_TIMEOUT = "10s"


class NoWrk(Exception):
    """It is not installed."""


class Exhausted(RuntimeError):
    """The profiles that requests take away, or wait for, did not last."""


@dataclass(frozen=True, slots=True)
class Load:
    """Which requests, for how many seconds, over how many connections, by how many threads.

    ``kind`` is one of ``requests.lua``; ``options`` are those that stand there.
    """

    kind: str
    seconds: float
    options: Mapping[str, object] = field(default_factory=dict)
    connections: int = CONNECTIONS
    threads: int = _THREADS


def check_wrk() -> None:
    """:raises NoWrk: with a sentence that says how to mend it."""
    if shutil.which("wrk") is None:
        raise NoWrk("wrk is missing: install it (Debian and Ubuntu: apt-get install wrk).")


def run(server: Server, load: Load) -> dict[str, Any]:
    """What wrk measured, times in milliseconds, with the CPU microseconds of ``server`` for
    each request that was answered well.

    ``rate`` is such answers a second, of which ``acknowledged`` are writes; ``non_2xx`` and
    ``broken`` (no answer at all) are counts.

    :raises Exhausted: see there.
    """
    before = server.tree.cpu_seconds()
    told = _told(server.url, load)
    good = told["requests"] - told["non_2xx"]
    if told["exhausted"]:
        raise Exhausted(f"{load.kind}: there were too few profiles for {load.seconds} s")
    if load.kind == "put":
        told["acknowledged"] = good
    cpu = (server.tree.cpu_seconds() - before) / max(good, 1)
    return told | {"rate": good / told["seconds"], "cpu_us": cpu * 1e6}


def _told(url: str, load: Load) -> dict[str, Any]:
    given = {"kind": load.kind, "threads": load.threads, **load.options}
    options = [f"{name}={value}" for name, value in given.items()]
    # wrk takes whole seconds; shorter runs are for trying the suite out.
    seconds = max(1, round(load.seconds))
    size = [f"-t{load.threads}", f"-c{load.connections}", f"-d{seconds}s"]
    words = ["wrk", *size, "--timeout", _TIMEOUT]
    ended = subprocess.run(
        [*words, "-s", str(SCRIPT), url, "--", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in ended.stdout.splitlines() if line.startswith('{"seconds"')]
    if ended.returncode or not lines:
        raise RuntimeError(f"wrk failed:\n{ended.stdout}{ended.stderr}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found

"""The floor of an operation: two processes of eight threads that send its statements.

The processes stay from round to round, so that each knows at which version its profiles are.
"""

import multiprocessing
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

from app.settings import StoreAddress
from benchmarks.arithmetic import percentile
from benchmarks.recording import CREATE, DELETE, MERGE, Script
from benchmarks.replay import Driver, driver_maker, prepare, replay

PROCESSES = 2
THREADS = 8
PROFILES = 1000
# How much longer profiles are made for an operation that takes them away.
_AHEAD = 1.5
_ROOM = 10_000_000


class Floor:
    """The processes, and what they have to do."""

    def __init__(self, ends: list[Connection]) -> None:
        self._ends = ends

    def run(self, operation: str, seconds: float) -> dict[str, Any]:
        """Operations a second, times in milliseconds, CPU microseconds for each."""
        for end in self._ends:
            end.send((operation, seconds))
        parts = [end.recv() for end in self._ends]
        if failures := [part for part in parts if isinstance(part, str)]:
            raise RuntimeError(f"the floor of {operation} failed: {failures[0]}")
        times = sorted(each for part in parts for each in part["times"])
        return {
            "requests": len(times),
            "rate": sum(len(part["times"]) / part["seconds"] for part in parts),
            "cpu_us": sum(part["cpu"] for part in parts) / max(len(times), 1) * 1e6,
            **{
                name: percentile(times, share) * 1e3
                for name, share in (("p50", 50), ("p99", 99), ("p999", 99.9))
            },
        }


@contextmanager
def opened(
    address: StoreAddress, scripts: dict[str, Script], profiles: int = PROFILES
) -> Iterator[Floor]:
    """The floor on a prepared store, with connections open; ended at the end.

    An operation that takes nothing away is about as many ``profiles``.
    """
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(PROCESSES)]
    processes = [
        context.Process(
            target=_serve, args=(theirs, number, address, scripts, profiles), daemon=True
        )
        for number, (_, theirs) in enumerate(pairs)
    ]
    for process in processes:
        process.start()
    try:
        yield Floor([ours for ours, _ in pairs])
    finally:
        for process in processes:
            process.terminate()
            process.join()


@dataclass
class _Thread:
    """One thread's driver, and the profiles of its own for each operation."""

    place: int
    driver: Driver
    profiles: int
    versions: dict[str, dict[int, int]] = field(default_factory=dict)
    fresh: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        self.fresh = count(_ROOM * (self.place + 1))

    def make_ready(self, operation: str, script: Script, seconds: float) -> list[int]:
        """The profiles that ``operation`` will be about; all that it may do away with."""
        if operation == CREATE:
            return []
        if operation in {DELETE, MERGE}:
            made, end = [], time.monotonic() + seconds * _AHEAD
            while time.monotonic() < end:
                made.append(next(self.fresh))
                prepare(self.driver, script, made[-1])
            return made
        if operation not in self.versions:
            numbers = [next(self.fresh) for _ in range(self.profiles)]
            for number in numbers:
                prepare(self.driver, script, number)
            self.versions[operation] = dict.fromkeys(numbers, 1)
        return list(self.versions[operation])

    def run(self, operation: str, script: Script, numbers: list[int], seconds: float) -> Any:
        """How long each took; ends early when there is nothing left to take away."""
        versions = self.versions.get(operation)
        times, end = [], time.monotonic() + seconds
        for step in count():
            if versions:
                number = numbers[step % len(numbers)]
            elif operation == CREATE:
                number = next(self.fresh)
            elif step < len(numbers):
                number = numbers[step]
            else:
                break
            version = versions[number] if versions else 1
            begin = time.perf_counter()
            replay(self.driver, script, number, version)
            times.append(time.perf_counter() - begin)
            if versions and script.tags:
                versions[number] += 1
            if time.monotonic() > end:
                break
        return times


def _serve(
    end: Connection, process: int, address: StoreAddress, scripts: dict[str, Script], profiles: int
) -> None:
    make, each = driver_maker(address), profiles // (PROCESSES * THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        threads = [_Thread(process * THREADS + place, make(), each) for place in range(THREADS)]
        while True:
            operation, seconds = end.recv()
            try:
                end.send(_measured(pool, threads, operation, scripts[operation], seconds))
            except Exception as error:  # noqa: BLE001
                end.send(f"{type(error).__name__}: {error}")


def _measured(
    pool: ThreadPoolExecutor,
    threads: list[_Thread],
    operation: str,
    script: Script,
    seconds: float,
) -> dict[str, Any]:
    ready = list(pool.map(lambda each: each.make_ready(operation, script, seconds), threads))
    cpu, begin = _cpu(), time.monotonic()
    running = [
        pool.submit(each.run, operation, script, numbers, seconds)
        for each, numbers in zip(threads, ready, strict=True)
    ]
    times = [each for thread in running for each in thread.result()]
    return {"times": times, "seconds": time.monotonic() - begin, "cpu": _cpu() - cpu}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

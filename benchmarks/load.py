"""Load from several processes of several threads, all started at one moment."""

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from statistics import quantiles
from threading import Barrier as ThreadBarrier

PROCESSES = 2
THREADS = 8
START_SECONDS = 60

# Made in its own process: given a number, a call that does one operation on that profile.
Operation = Callable[[int], object]
Maker = Callable[[], Operation]


@dataclass(frozen=True, slots=True)
class Result:
    """Operations a second, and how long one takes, in milliseconds."""

    rate: float
    p50: float
    p99: float


def measure(maker: Maker, operations: int, profiles: int) -> Result:
    """``operations`` of each thread, spread evenly over the numbers of ``profiles``.

    The same number of processes and threads for all kinds of operations.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(PROCESSES)
    with context.Pool(PROCESSES, _join, (barrier,)) as pool:
        jobs = [(maker, operations, profiles, process) for process in range(PROCESSES)]
        parts = pool.starmap(_run_process, jobs, chunksize=1)
    begin, end = min(part[0] for part in parts), max(part[1] for part in parts)
    times = [each for part in parts for each in part[2]]
    cuts = quantiles(times, n=100)
    return Result(len(times) / (end - begin), cuts[49] * 1000, cuts[98] * 1000)


_barrier: Barrier


def _join(barrier: Barrier) -> None:
    global _barrier
    _barrier = barrier


def _run_process(
    maker: Maker, operations: int, profiles: int, process: int
) -> tuple[float, float, list[float]]:
    operation = maker()
    ready = ThreadBarrier(THREADS + 1)

    def run(thread: int) -> list[float]:
        operation(thread)
        ready.wait(START_SECONDS)
        return [_timed(operation, _number(thread, step)) for step in range(operations)]

    def _number(thread: int, step: int) -> int:
        return ((process * THREADS + thread) * 7919 + step * 104729) % profiles

    with ThreadPoolExecutor(THREADS) as pool:
        running = [pool.submit(run, thread) for thread in range(THREADS)]
        _barrier.wait(START_SECONDS)
        ready.wait(START_SECONDS)
        begin = time.time()
        times = [each for thread in running for each in thread.result()]
        return begin, time.time(), times


def _timed(operation: Operation, number: int) -> float:
    begin = time.perf_counter()
    operation(number)
    return time.perf_counter() - begin

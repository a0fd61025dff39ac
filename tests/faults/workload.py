"""Load from several processes of several clients, which record all that they do."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from tests.faults import history
from tests.faults.client import SETTLE_SECONDS, Client, Habits, Record
from tests.faults.gate import CONTEXT, Gate
from tests.faults.history import Operation
from tests.faults.wire import Wire
from tests.support.server import wait_until

STALLED_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Plan:
    """Who asks whom: ``binds`` are the instances; the same ``seed`` makes the same choices."""

    binds: tuple[str, ...]
    tenant: int
    processes: int = 2
    threads: int = 4
    seed: int = 1
    habits: Habits = field(default_factory=Habits)

    @property
    def clients(self) -> int:
        return self.processes * self.threads


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all processes see; the counts are one for each client."""

    gate: Gate
    stop: Any
    done: Any
    written: Any


class Workload:
    """Clients at work. ``gate``: which instances they send to."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.gate = Gate(len(plan.binds), plan.clients)
        self.files = [folder / f"history{number}.ndjson" for number in range(plan.processes)]
        self._shared = _Shared(
            self.gate,
            CONTEXT.Event(),
            CONTEXT.Array("Q", plan.clients, lock=False),
            CONTEXT.Array("Q", plan.clients, lock=False),
        )
        self._processes: list[SpawnProcess] = [
            CONTEXT.Process(target=_run, args=(plan, self._shared, number, file), daemon=True)
            for number, file in enumerate(self.files)
        ]

    @property
    def done(self) -> int:
        """How many operations have ended."""
        return sum(self._shared.done)

    @property
    def written(self) -> int:
        """How many of them were acknowledged writes."""
        return sum(self._shared.written)

    def start(self) -> None:
        for each in self._processes:
            each.start()

    def wait_for_done(self, count: int) -> None:
        """Until ``count`` operations have ended, since the start; fails where nothing moves."""
        while self.done < count:
            before = self.done
            wait_until(lambda before=before: self._moved(self.done > before), STALLED_SECONDS)

    def wait_for_written(self, more: int) -> None:
        """Until ``more`` writes than now were acknowledged."""
        enough = self.written + more
        wait_until(lambda: self._moved(self.written >= enough), STALLED_SECONDS)

    def stop(self) -> list[Operation]:
        """Let each client end its operation; all that they did."""
        self._shared.stop.set()
        for each in self._processes:
            each.join(2 * SETTLE_SECONDS)
            assert each.exitcode == 0, "a process of clients failed"
        return history.read(self.files)

    def end(self) -> None:
        """However the run ended, no process is left."""
        for each in self._processes:
            if each.is_alive():
                each.kill()
                each.join()

    def _moved(self, enough: bool) -> bool:
        assert all(each.is_alive() for each in self._processes), "a process of clients failed"
        return enough


@contextmanager
def working(plan: Plan, folder: Path) -> Iterator[Workload]:
    """Clients at work until they are stopped, or the block ends."""
    workload = Workload(plan, folder)
    workload.start()
    try:
        yield workload
    finally:
        workload.end()


def _run(plan: Plan, shared: _Shared, process: int, file: Path) -> None:
    """The clients of one process."""
    lock, failed = Lock(), list[BaseException]()
    with file.open("wb", buffering=0) as output:

        def record(operation: Operation) -> None:
            text = history.line(operation)
            with lock:
                output.write(text)

        def work(place: int) -> None:
            client = _client(plan, place, shared.gate, record)
            try:
                while not shared.stop.is_set():
                    made = client.step()
                    shared.done[place] += 1
                    shared.written[place] += made.writes and made.acknowledged
            except BaseException as error:
                failed.append(error)
                raise
            finally:
                client.wire.close()

        places = range(process * plan.threads, (process + 1) * plan.threads)
        threads = [Thread(target=work, args=(place,)) for place in places]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failed:
        raise failed[0]


def _client(plan: Plan, place: int, gate: Gate, record: Record) -> Client:
    """The first one of each process only reads, so that reads go on while writes wait."""
    names = [f"c{each}" for each in range(plan.clients)]
    return Client(
        name=names[place],
        names=names,
        wire=Wire(plan.binds, plan.tenant, gate, place),
        random=random.Random(f"{plan.seed} {place}"),
        habits=plan.habits,
        record=record,
        only_reads=place % plan.threads == 0,
    )

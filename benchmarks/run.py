"""One run: the units that are wanted of each store, measured in turn and saved one by one."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from statistics import median

from benchmarks.load import open_loop, operations, sample
from benchmarks.load.operations import MIXED, OPERATIONS, QUERY
from benchmarks.measurements import Measurements
from benchmarks.processes import Server
from benchmarks.rounds import Pace, Sample, Samples, in_turn, say
from benchmarks.service.candidates import Candidate, prepared
from benchmarks.service.checkouts import Checkout

OPEN_QUERY, OPEN_MIXED = "open-query", "open-mixed"
LOAD, FOOTPRINT = "load", "footprint"
UNITS = (*OPERATIONS, OPEN_QUERY, OPEN_MIXED, LOAD, FOOTPRINT)
LOADED = {"sqlite": 100_000, "cassandra": 20_000}
BARE = "bare route, "
"""Stands before the name of the candidate whose server it is under."""

_OF_OPEN = {
    OPEN_QUERY: (QUERY, open_loop.queries),
    OPEN_MIXED: (MIXED, open_loop.mixed),
}
_WARM_UP_SECONDS = 3
_CAPACITY_SECONDS = 2
_LOAD_TENANT = 100


@dataclass(frozen=True, slots=True)
class Run:
    """What is measured of which ``checkouts``, by name; ``loaded``: how many profiles, by store.

    ``node`` is HOST:PORT of a Cassandra that runs already; else one is started.
    """

    checkouts: Mapping[str, Checkout]
    units: Sequence[str]
    closed: Pace
    open: Pace
    saved: Measurements
    loaded: Mapping[str, int]
    node: str | None = None

    def missing(self, store: str) -> list[str]:
        """The units that are not measured yet."""
        return [unit for unit in self.units if not self.saved.has(store, unit)]

    def measure(self, store: str, written: Callable[[], object]) -> None:
        """What is missing; calls ``written`` whenever something was saved.

        :raises NoStart: the store or the service of a checkout did not start.
        """
        if not self.missing(store):
            return
        say(f"{store}: preparing ...")
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
            prepared(store, self.checkouts, Path(folder), self.node) as candidates,
            ExitStack() as stack,
        ):
            services = {
                name: stack.enter_context(each.service()) for name, each in candidates.items()
            }
            there = Started(self, candidates, services, self.loaded[store], stack)
            for operation in [unit for unit in self.missing(store) if unit in OPERATIONS]:
                _attempt(f"{store} {operation}, to warm up", partial(there.warm_up, operation))
            self.measure_missing(store, there.measured, written)

    def measure_missing(
        self, store: str, measured: Callable[[str], Samples], written: Callable[[], object]
    ) -> None:
        """Measure and save. A unit that fails is told, and left for the next run."""

        def saved(unit: str) -> None:
            self.saved.save(store, unit, measured(unit))
            written()

        for unit in self.missing(store):
            _attempt(f"{store} {unit}", partial(saved, unit))


def _attempt(what: str, action: Callable[[], object]) -> None:
    begin = time.monotonic()
    say(f"{what} ...")
    try:
        action()
    except Exception as error:  # noqa: BLE001
        say(f"{what} failed: {type(error).__name__}: {error}")
    else:
        say(f"{what}: {time.monotonic() - begin:.0f} s")


class Started:
    """The candidates on one store and their services; ``stack`` ends what is started later."""

    def __init__(
        self,
        run: Run,
        candidates: Mapping[str, Candidate],
        services: Mapping[str, Server],
        loaded: int,
        stack: ExitStack,
    ) -> None:
        self._run = run
        self._candidates = candidates
        self._services = services
        self._loaded = loaded
        self._stack = stack

    @cached_property
    def _bare(self) -> dict[str, Server]:
        """A route under the server of each."""
        found = self._candidates.items()
        return {BARE + name: self._stack.enter_context(each.bare()) for name, each in found}

    def warm_up(self, operation: str) -> None:
        """Also the store's compiler: what is measured first would pay for what comes later."""
        for name in self._candidates:
            self._operation(name, operation, _WARM_UP_SECONDS)

    def measured(self, unit: str) -> Samples:
        """Rounds of any of `UNITS`."""
        if unit in OPERATIONS:
            seconds = self._run.closed.seconds
            return self._each(lambda name: self._operation(name, unit, seconds))
        if unit in _OF_OPEN:
            return self._open_loop(unit)
        if unit == LOAD:
            return self._each(self._load, rounds=1)
        return self._each(self._start)

    def _each(self, measure: Callable[[str], Sample], rounds: int | None = None) -> Samples:
        measured = {name: partial(measure, name) for name in self._candidates}
        return in_turn(measured, rounds or self._run.closed.rounds)

    def _operation(self, name: str, operation: str, seconds: float) -> Sample:
        candidate = self._candidates[name]
        measured = operations.measure(self._services[name], operation, candidate.folder, seconds)
        candidate.empty_logs()
        return measured

    def _open_loop(self, unit: str) -> Samples:
        """Each at half of its own capacity, which is measured in a closed loop just before."""
        operation, requests = _OF_OPEN[unit]
        folder = next(iter(self._candidates.values())).folder
        contenders = {**self._services, **self._bare}

        def capacity(server: Server) -> Sample:
            return operations.sent(server, operation, folder, _CAPACITY_SECONDS)

        def at_half(name: str, server: Server) -> Sample:
            rate = median(each["rate"] for each in most[name]) / 2
            return open_loop.run(server.url, requests(), rate, self._run.open.seconds)

        most = in_turn(
            {name: partial(capacity, server) for name, server in contenders.items()},
            self._run.closed.rounds,
        )
        found = in_turn(
            {name: partial(at_half, name, server) for name, server in contenders.items()},
            self._run.open.rounds,
        )
        for each in self._candidates.values():
            each.empty_logs()
        return found

    def _load(self, name: str) -> Sample:
        """Into a tenant that is empty."""
        candidate, count = self._candidates[name], self._loaded
        file = candidate.folder / "realistic.ndjson"
        sample.write_realistic(file, count)
        taken = candidate.run("load", str(file), "--tenant", str(_LOAD_TENANT))
        file.unlink()
        return taken | {"profiles": count, "rate": count / taken["seconds"]}

    def _start(self, name: str) -> Sample:
        """One more service, beside that which idles."""
        with self._candidates[name].service() as server:
            resident = server.tree.resident()
            return {"seconds": server.seconds, "resident": sum(resident) / len(resident)}

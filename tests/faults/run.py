"""One scenario under way: load, faults in the middle of it, and the verdict on all of it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app import stores
from app.settings import StoreAddress
from tests.faults.checker import Report, check
from tests.faults.client import Habits
from tests.faults.collector import Collector
from tests.faults.history import Operation
from tests.faults.workload import Plan, Workload, working
from tests.support.creators import a_tenant

WRITTEN_BETWEEN = 20


@dataclass
class Run:
    """``operations``: how many at least. ``faults`` counts those that were injected.

    ``notes``: what a reader of the result should know.
    """

    folder: Path
    operations: int
    seed: int = 1
    processes: int = 2
    habits: Habits = field(default_factory=Habits)
    faults: int = 0
    notes: list[str] = field(default_factory=list)
    tenant: int = field(default_factory=a_tenant)
    recorded: list[Operation] = field(default_factory=list)

    @contextmanager
    def load(self, *binds: str) -> Iterator[Workload]:
        """Clients of the instances at ``binds`` until all operations are done."""
        plan = Plan(binds, self.tenant, self.processes, seed=self.seed, habits=self.habits)
        with working(plan, self.folder) as workload:
            yield workload
            workload.wait_for_done(self.operations)
            self.recorded = workload.stop()

    def steps(self, workload: Workload, count: int) -> Iterator[int]:
        """``count`` moments, spread over the operations, each for one fault.

        Between two of them writes are acknowledged.
        """
        for step in range(count):
            workload.wait_for_done(self.operations * (step + 1) // (count + 1))
            workload.wait_for_written(WRITTEN_BETWEEN)
            self.faults += 1
            yield step

    def judged(self, address: StoreAddress, binds: Sequence[str]) -> Report:
        """Read back all that is there, and check it. The instances at ``binds`` are whole."""
        with closing(stores.open_dao(address)) as dao:
            told = Collector(dao, binds, self.tenant).collect(self.recorded)
        return check(self.recorded, told)


def lasting(seconds: float) -> None:
    """A fault takes as long as it takes."""
    time.sleep(seconds)

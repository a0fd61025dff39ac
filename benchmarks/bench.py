"""What all parts of a run share: where to put things, how long to measure, what is wanted."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measurements import Measurements

Sample = dict[str, Any]
Contenders = Mapping[str, Callable[[float], Sample]]
"""What is measured in turn: given seconds, each gives a sample."""

ROUNDS, QUICK_ROUNDS = 5, 2
WARM_UP_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Bench:
    """One run. ``folder`` is a temporary one; ``only`` are names of units, empty for all."""

    folder: Path
    saved: Measurements
    quick: bool = False
    only: frozenset[str] = frozenset()

    @property
    def rounds(self) -> int:
        return QUICK_ROUNDS if self.quick else ROUNDS

    def seconds(self, full: int) -> int:
        """How long to measure where a full run takes ``full`` seconds."""
        return 1 if self.quick else full

    def wanted(self, store: str, units: Iterable[str]) -> list[str]:
        """The units that were asked for and are not measured yet.

        A name also asks for the units that it is the first word of: growth, growth-size.
        """
        asked = [
            unit
            for unit in units
            if not self.only or unit in self.only or unit.partition("-")[0] in self.only
        ]
        return self.saved.missing(store, asked)

    def measure(self, store: str, units: Iterable[str], measured: Callable[[str], Any]) -> None:
        """Measure what is wanted, and save it. One that fails is told, and left for the next run.

        ``measured`` gives what is to be saved of a unit.
        """
        for unit in self.wanted(store, units):
            begin = time.monotonic()
            say(f"{store} {unit} ...")
            try:
                self.saved.save(store, unit, measured(unit))
            except Exception as error:  # noqa: BLE001
                say(f"{store} {unit} failed: {type(error).__name__}: {error}")
            else:
                say(f"{store} {unit}: {time.monotonic() - begin:.0f} s")

    def in_turn(self, contenders: Contenders, seconds: int) -> dict[str, list[Sample]]:
        """Rounds in which each is measured once, so that all meet the same machine."""
        for contender in contenders.values():
            contender(WARM_UP_SECONDS)
        found: dict[str, list[Sample]] = {name: [] for name in contenders}
        for number in range(self.rounds):
            for name, contender in contenders.items():
                found[name].append(contender(self.seconds(seconds)))
            say(f"  round {number + 1} of {self.rounds}")
        return found


def say(line: str) -> None:
    """Tell a person who waits."""
    print(line, file=sys.stderr, flush=True)

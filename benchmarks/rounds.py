"""Rounds in which each contender is measured once, so that all meet the same machine."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil

Sample = dict[str, Any]
Samples = dict[str, list[Sample]]
"""Of each contender, one sample a round."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something is measured, and for how many seconds each time."""

    rounds: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds of the processors until now: all there were, those at work, and those at work for
    this process and what it has started."""

    all: float
    busy: float
    own: float

    @classmethod
    def now(cls) -> "Used":
        processors, usable = psutil.cpu_times(percpu=True), os.sched_getaffinity(0)
        each = [processors[number] for number in usable]
        # Interrupts are left out: those of the loopback and of the disk are of our own making.
        busy = sum(one.user + one.nice + one.system + one.steal for one in each)
        return cls(time.monotonic() * len(usable), busy, _own())

    def others_since(self, before: "Used") -> float:
        """The share of the processors that others have used."""
        busy, own = self.busy - before.busy, self.own - before.own
        return max(0.0, busy - own) / (self.all - before.all)


def _own() -> float:
    """Also what processes used that have ended: those that waited for them count it."""
    this = psutil.Process()
    total = 0.0
    for process in (this, *this.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def in_turn(measured: Mapping[str, Callable[[], Sample]], rounds: int) -> Samples:
    """Each once in each round; ``others`` in a sample is what they used meanwhile."""
    found: Samples = {name: [] for name in measured}
    for number in range(1, rounds + 1):
        for name, measure in measured.items():
            before = Used.now()
            sample = measure()
            found[name].append(sample | {"others": Used.now().others_since(before)})
        told = ", ".join(f"{name} {_told(samples[-1])}" for name, samples in found.items())
        say(f"  round {number} of {rounds}: {told}")
    return found


def _told(sample: Sample) -> str:
    return f"{sample['rate']:,.0f}/s" if "rate" in sample else f"{sample['seconds']:.1f} s"


def say(line: str) -> None:
    """Tell a person who waits."""
    print(line, file=sys.stderr, flush=True)

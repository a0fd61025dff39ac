"""Calls of the store: counted, and added up for the request that they are made for."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field

from app.watching import metrics

MAX_KEPT = 100
_NANOSECONDS = 1e9


@dataclass(frozen=True, slots=True)
class Call:
    """``started`` in nanoseconds since 1970, as spans have it."""

    operation: str
    outcome: str
    started: int
    seconds: float

    @property
    def ended(self) -> int:
        return self.started + int(self.seconds * _NANOSECONDS)


@dataclass(slots=True)
class Spent:
    """What one request has spent on the store; the first calls are kept one by one."""

    count: int = 0
    seconds: float = 0.0
    calls: list[Call] = field(default_factory=list)


_SPENT: ContextVar[Spent | None] = ContextVar("spent", default=None)


def begin() -> Spent:
    """From here on, the calls of this thread belong to one request."""
    spent = Spent()
    _SPENT.set(spent)
    return spent


def end() -> None:
    """What comes now belongs to no request."""
    _SPENT.set(None)


def record(operation: str, outcome: str, seconds: float) -> None:
    """A call has just ended."""
    metrics.store_called(operation, outcome).observe(seconds)
    spent = _SPENT.get()
    if spent is None:
        return
    spent.count += 1
    spent.seconds += seconds
    if len(spent.calls) < MAX_KEPT:
        started = time.time_ns() - int(seconds * _NANOSECONDS)
        spent.calls.append(Call(operation, outcome, started, seconds))

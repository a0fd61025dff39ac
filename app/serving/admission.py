"""How many requests a worker takes: some at work, some that wait, and no more.

All on one event loop. Requests that came together begin in turns of it, so that between them the
loop still sees new connections, answers health and refuses what is too much.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Generic, TypeVar

from app.concurrency.greenlets import Begun, LoopWaiting
from app.serving.refusals import Refused

T = TypeVar("T")

AT_WORK = 32
"""Requests that have begun, most of them waiting for the store."""

WAITING = 64
"""Requests that wait until they may begin."""

BEGIN_SECONDS = 0.002
"""How long requests may begin in one turn of the loop."""


class _Waiting(Generic[T]):
    """A request in the queue, and where its begin is told."""

    __slots__ = ("begun", "call")

    def __init__(self, call: Callable[[], T], loop: asyncio.AbstractEventLoop) -> None:
        self.call = call
        self.begun: asyncio.Future[Begun[T]] = loop.create_future()


class Admission:
    """Lets requests begin in the order in which they came."""

    def __init__(self, waiting: LoopWaiting) -> None:
        self._waiting = waiting
        self._at_work = 0
        self._spent = 0.0
        self._queue: deque[_Waiting[object]] = deque()
        self._scheduled = False

    async def run(self, call: Callable[[], T]) -> T:
        """What ``call`` returns, run in a greenlet when it is its turn.

        :raises Refused: there are too many.
        """
        if not self._queue and self._has_room():
            begun = self._begin(call)
        elif self._at_work + len(self._queue) < AT_WORK + WAITING:
            begun = await self._turn_of(call)
        else:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE)
        try:
            return await begun.end()
        finally:
            self._at_work -= 1
            if self._queue:
                self._schedule()

    async def _turn_of(self, call: Callable[[], T]) -> Begun[T]:
        waits = _Waiting(call, self._waiting.loop)
        self._queue.append(waits)  # type: ignore[arg-type]
        self._schedule()
        try:
            return await waits.begun
        except asyncio.CancelledError:
            if waits.begun.cancelled():
                raise
            return waits.begun.result()  # it had begun already, so it goes on to its end

    def _has_room(self) -> bool:
        return self._at_work < AT_WORK and self._spent < BEGIN_SECONDS

    def _begin(self, call: Callable[[], T]) -> Begun[T]:
        self._at_work += 1
        self._schedule()
        started = time.monotonic()
        begun = self._waiting.begin(call)
        self._spent += time.monotonic() - started
        return begun

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._waiting.loop.call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._scheduled = False
        self._spent = 0.0
        while self._queue and self._has_room():
            waits = self._queue.popleft()
            if not waits.begun.done():  # else it was cancelled
                waits.begun.set_result(self._begin(waits.call))

"""How many requests a worker takes: some at work, some that wait, and no more.

All on one event loop. Of the requests that came together only a few begin in one turn of it, so
that between them the loop still sees new connections, answers health and refuses what is too
much.
"""

import asyncio
from collections import deque
from http import HTTPStatus
from types import TracebackType

from app.serving.refusals import Refused

AT_WORK = 64
"""Requests that have begun, most of them waiting for the store."""

WAITING = 256
"""Requests that wait until they may begin."""

BEGUN_IN_A_TURN = 8


class Admission:
    """Lets requests begin in the order in which they came: ``async with admission: ...``.

    :raises Refused: when entered.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._at_work = 0
        self._begun = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._scheduled = False

    async def __aenter__(self) -> None:
        if not self._queue and self._has_room():
            self._begin()
            return
        if len(self._queue) >= WAITING:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE)
        turn = self._loop.create_future()
        self._queue.append(turn)
        self._schedule()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._leave()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leave()

    def _has_room(self) -> bool:
        return self._at_work < AT_WORK and self._begun < BEGUN_IN_A_TURN

    def _begin(self) -> None:
        self._at_work += 1
        self._begun += 1
        self._schedule()

    def _leave(self) -> None:
        self._at_work -= 1
        if self._queue:
            self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._scheduled = False
        self._begun = 0
        while self._queue and self._has_room():
            turn = self._queue.popleft()
            if not turn.done():
                self._begin()
                turn.set_result(None)

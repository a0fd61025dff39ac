"""Requests as greenlets on an event loop, as SQLAlchemy lets synchronous code run on asyncio.

A greenlet that has to wait hands a future to the coroutine that runs it, which awaits it on the
loop; so code that knows nothing of asyncio gives way to other requests.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from queue import Empty
from typing import Any, ClassVar, Generic, TypeVar

from greenlet import getcurrent, greenlet

from app.concurrency.waiting import LONGEST_WAIT, Waiting

T = TypeVar("T")


class LoopWaiting(Waiting):
    """For the greenlets on ``loop``; made in its thread. What blocks runs in up to ``threads``
    threads, and beyond these waits for one."""

    blocks = False
    serving: ClassVar["LoopWaiting | None"] = None
    """The one of this process, where it serves on a loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, threads: int) -> None:
        self.loop = loop
        self._thread = threading.get_ident()
        self._runner = getcurrent()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="blocking")

    def mailbox(self) -> "LoopMailbox":
        return LoopMailbox(self)

    def start(self, call: Callable[[], None]) -> None:
        self._pool.submit(copy_context().run, call)

    def call(self, callback: Callable[..., object], *arguments: Any) -> None:
        """Call on the loop: at once where the caller is there, else soon."""
        if threading.get_ident() == self._thread:
            callback(*arguments)
        else:
            self.loop.call_soon_threadsafe(callback, *arguments)

    def give_way(self, future: "asyncio.Future[None]") -> None:
        """Let others go on until ``future`` is done, or the request is cancelled."""
        self._runner.switch(future)

    def begin(self, call: Callable[[], T]) -> "Begun[T]":
        """Run ``call`` in a greenlet of its own until it waits for the first time, or ends."""
        return Begun(call, self)

    async def run(self, call: Callable[[], T]) -> T:
        """What ``call`` returns, run in a greenlet of its own."""
        return await self.begin(call).end()


class Begun(Generic[T]):
    """A call that has begun in a greenlet, and waits or has ended."""

    __slots__ = ("_raised", "_switched", "_task")

    def __init__(self, call: Callable[[], T], waiting: LoopWaiting) -> None:
        self._task = _Task(call, waiting)
        self._raised: BaseException | None = None
        self._go_on()

    async def end(self) -> T:
        """What the call returns, or raises.

        It is never given up half-way: whoever cancels this waits for its end, which its deadline
        bounds. The outcome of a write that has begun would else have to be found out later.
        """
        cancelled: asyncio.CancelledError | None = None
        while not self._task.dead:
            try:
                await self._switched
            except asyncio.CancelledError as error:
                cancelled = error
            self._go_on()
        if raised := cancelled or self._raised:
            raise raised
        result: T = self._switched
        return result

    def _go_on(self) -> None:
        try:
            self._switched = self._task.switch()
        except BaseException as error:  # noqa: BLE001 - `end` raises it
            self._raised = error


class _Task(greenlet):
    def __init__(self, call: Callable[[], Any], waiting: LoopWaiting) -> None:
        super().__init__(call)
        self.waiting = waiting


class LoopMailbox:
    """A mailbox whose reader gives way to others on the loop."""

    __slots__ = ("_items", "_waiter", "_waiting")

    def __init__(self, waiting: LoopWaiting) -> None:
        self._waiting = waiting
        self._items: deque[Any] = deque()
        self._waiter: asyncio.Future[None] | None = None

    def put(self, item: Any, /) -> None:
        self._waiting.call(self._deliver, item)

    def get(self, *, timeout: float) -> Any:
        end = time.monotonic() + min(timeout, LONGEST_WAIT)
        while not self._items:
            seconds = end - time.monotonic()
            if seconds <= 0:
                raise Empty
            self._wait(seconds)
        return self._items.popleft()

    def _deliver(self, item: Any) -> None:
        self._items.append(item)
        if self._waiter:
            _settle(self._waiter)

    def _wait(self, seconds: float) -> None:
        """Give way until an item comes, or the time is over, or the request is cancelled."""
        loop = self._waiting.loop
        waiter = self._waiter = loop.create_future()
        timer = loop.call_later(seconds, _settle, waiter)
        self._waiting.give_way(waiter)
        timer.cancel()
        self._waiter = None


def _settle(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)

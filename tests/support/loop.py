"""Calls made as a worker's requests are: in greenlets on an event loop."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial, wraps
from typing import Any, TypeVar, cast

from app.concurrency.greenlets import LoopWaiting
from app.dao.base import Dao

T = TypeVar("T")

THREADS = 4
PATIENCE_SECONDS = 120


class Loop:
    """A running event loop, and how requests wait on it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, waiting: LoopWaiting) -> None:
        self.loop = loop
        self.waiting = waiting

    def call(self, work: Callable[[], T]) -> T:
        """What ``work`` returns, run in a greenlet under the context of the caller, who is
        another thread than the loop's."""
        found: T = self.wait_for(self.waiting.run(partial(copy_context().run, work)))
        return found

    def wait_for(self, coroutine: Any) -> Any:
        """What ``coroutine`` returns, run on the loop."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        return future.result(PATIENCE_SECONDS)


class OnLoop:
    """An object whose methods run in greenlets of ``loop``."""

    def __init__(self, inner: object, loop: Loop) -> None:
        self._inner = inner
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        @wraps(found)
        def call(*args: Any, **kwargs: Any) -> Any:
            return self._loop.call(lambda: found(*args, **kwargs))

        return call


def on_loop(dao: Dao, loop: Loop) -> Dao:
    """``dao``, whose methods run in greenlets of ``loop``."""
    return cast(Dao, OnLoop(dao, loop))


@contextmanager
def running_loop(*, debug: bool = False) -> Iterator[Loop]:
    """An event loop in a thread of its own, which serves for this process meanwhile."""
    loop = asyncio.new_event_loop()
    loop.set_debug(debug)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    made = asyncio.run_coroutine_threadsafe(_waiting(), loop).result(PATIENCE_SECONDS)
    LoopWaiting.serving = made
    try:
        yield Loop(loop, made)
    finally:
        LoopWaiting.serving = None
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _waiting() -> LoopWaiting:
    return LoopWaiting(asyncio.get_running_loop(), THREADS)

"""How long the request that is being answered may still take.

Who answers it asks here before each step. What runs beside requests, in a command or in another
thread, has no deadline.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from math import inf
from queue import Empty
from typing import TypeVar

from app.concurrency import waiting
from app.concurrency.waiting import Mailbox
from app.dao.errors import DeadlineExceeded

T = TypeVar("T")

_ENDS: ContextVar[float] = ContextVar("ends", default=inf)


@contextmanager
def until(end: float) -> Iterator[None]:
    """What is done within has to end at ``end``, in the seconds of `time.monotonic`."""
    token = _ENDS.set(end)
    try:
        yield
    finally:
        _ENDS.reset(token)


def end() -> float:
    """When what is done has to end, in the seconds of `time.monotonic`; infinite for never."""
    return _ENDS.get()


def is_set() -> bool:
    return _ENDS.get() < inf


def has_passed() -> bool:
    return time.monotonic() >= _ENDS.get()


def check() -> None:
    """:raises DeadlineExceeded: there is no time left for another step."""
    if has_passed():
        raise DeadlineExceeded("there was no time left")


def left(most: float) -> float:
    """How many seconds a step may take that must not take more than ``most``.

    :raises DeadlineExceeded: none.
    """
    check()
    return min(most, _ENDS.get() - time.monotonic())


def sleep(seconds: float) -> None:
    """Do nothing for ``seconds``, or until there is no time left.

    :raises DeadlineExceeded: there was none.
    """
    waiting.sleep(left(seconds))


def wait_for(call: Callable[[], T], again_after: float = inf) -> T:
    """What ``call`` answers, which blocks, and cannot be told when to end.

    So it is made beside the caller, and goes on when nobody waits for it any more. It is made
    once more whenever it has not ended for ``again_after`` seconds; the first end counts. A
    thread without a deadline makes it itself.

    :raises DeadlineExceeded: it has not ended in time. Also what ``call`` raises.
    """
    way = waiting.current()
    if way.blocks and not is_set() and again_after == inf:
        return call()
    ends: Mailbox[Future[T]] = way.mailbox()
    while True:
        pause = left(again_after)
        way.start(partial(_fulfil, ends, call))
        try:
            end = ends.get(timeout=pause)
        except Empty:
            continue
        return end.result()


def without_blocking(call: Callable[[], T]) -> T:
    """What ``call`` answers, which blocks for a bounded time: a thread makes it itself.

    :raises DeadlineExceeded: it has not ended in time. Also what ``call`` raises.
    """
    return call() if waiting.current().blocks else wait_for(call)


def _fulfil(ends: Mailbox[Future[T]], call: Callable[[], T]) -> None:
    end: Future[T] = Future()
    try:
        check()  # it may have waited for a thread
        end.set_result(call())
    except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
        end.set_exception(error)
    ends.put(end)

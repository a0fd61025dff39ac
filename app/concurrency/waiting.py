"""How whoever cannot go on waits: a thread blocks, a request on the event loop gives way.

The DAO and the services wait through this module alone, so they run in both: in the threads of
commands and background jobs, and in the greenlets in which a worker answers its requests
(`app.concurrency.greenlets`).
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from math import inf
from queue import Empty, SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

from greenlet import getcurrent

T = TypeVar("T")

LONGEST_WAIT = 86_400.0
"""Seconds; what has no end waits so long, as neither queues nor timers take an infinite time."""


class Mailbox(Protocol, Generic[T]):
    """Items on their way to the one that waits for them, in the order in which they came."""

    def put(self, item: T, /) -> None:
        """From any thread, without waiting."""

    def get(self, *, timeout: float) -> T:
        """The next item.

        :raises queue.Empty: none has come for ``timeout`` seconds.
        """


class Waiting(ABC):
    """The way in which the one who asks for it waits."""

    blocks: bool
    """Whether a blocking call holds up nobody but the caller."""

    @abstractmethod
    def mailbox(self) -> Mailbox[Any]:
        """Return a mailbox for whoever asks, who alone may get from it."""

    @abstractmethod
    def start(self, call: Callable[[], None]) -> None:
        """Run ``call``, which may block, beside the caller and in a copy of its context."""


class ThreadWaiting(Waiting):
    """For threads: queues of the standard library, and a new thread for each call."""

    blocks = True

    def mailbox(self) -> Mailbox[Any]:
        return SimpleQueue()

    def start(self, call: Callable[[], None]) -> None:
        threading.Thread(target=copy_context().run, args=(call,), daemon=True).start()


_THREADS = ThreadWaiting()


def current() -> Waiting:
    """Return how the caller waits; only a request's greenlet has a way of its own."""
    found: Waiting = getattr(getcurrent(), "waiting", _THREADS)
    return found


def sleep(seconds: float) -> None:
    """Do nothing for ``seconds``, and let others go on meanwhile."""
    try:
        current().mailbox().get(timeout=seconds)
    except Empty:
        return


def outcome(work: Future[T], seconds: float | None) -> T:
    """What came out of ``work``, which a thread does and others may wait for too.

    ``seconds``: how long to wait at most, None for as long as it takes.

    :raises TimeoutError: it has not ended by then; it goes on.
    """
    way = current()
    if way.blocks:
        return work.result(seconds)
    done = way.mailbox()
    work.add_done_callback(done.put)
    try:
        done.get(timeout=inf if seconds is None else seconds)
    except Empty:
        raise TimeoutError from None
    return work.result()

"""Requests on the event loop: what waits gives way, and what blocks runs in threads."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from queue import Empty

import pytest

from app.concurrency import deadline, waiting
from app.dao.errors import DeadlineExceeded
from tests.support.loop import Loop, running_loop

WHO: ContextVar[str] = ContextVar("who", default="nobody")


@pytest.fixture
def loop() -> Iterator[Loop]:
    with running_loop() as running:
        yield running


def test_one_that_waits_gives_way_to_another(loop: Loop) -> None:
    order = list[str]()

    async def both() -> None:
        box = await loop.waiting.run(lambda: waiting.current().mailbox())

        def first() -> None:
            order.append("first waits")
            order.append(box.get(timeout=60))

        def second() -> None:
            order.append("second goes on")
            box.put("first goes on")

        await asyncio.gather(loop.waiting.run(first), loop.waiting.run(second))

    loop.wait_for(both())
    assert order == ["first waits", "second goes on", "first goes on"]


def test_an_item_may_come_from_another_thread(loop: Loop) -> None:
    def work() -> str:
        box = waiting.current().mailbox()
        threading.Thread(target=box.put, args=("come",)).start()
        found: str = box.get(timeout=60)
        return found

    assert loop.call(work) == "come"


def test_nothing_that_comes_in_time_is_told_apart_from_something(loop: Loop) -> None:
    def work() -> None:
        waiting.current().mailbox().get(timeout=0.01)

    with pytest.raises(Empty):
        loop.call(work)


def test_what_blocks_runs_beside_the_loop_and_under_the_same_deadline(loop: Loop) -> None:
    def work() -> tuple[bool, bool]:
        return deadline.without_blocking(
            lambda: (threading.get_ident() == here, deadline.is_set())
        )

    here = loop.call(threading.get_ident)
    with deadline.until(time.monotonic() + 60):
        assert loop.call(work) == (False, True)


def test_what_blocks_for_too_long_is_not_waited_for(loop: Loop) -> None:
    go_on = threading.Event()
    with deadline.until(time.monotonic() + 0.05), pytest.raises(DeadlineExceeded):
        loop.call(lambda: deadline.without_blocking(go_on.wait))
    go_on.set()


def test_what_has_waited_for_a_thread_until_its_deadline_does_not_begin(loop: Loop) -> None:
    begun, go_on = list[None](), threading.Event()
    holding = [
        loop.waiting._pool.submit(go_on.wait) for _ in range(loop.waiting._pool._max_workers)
    ]
    with deadline.until(time.monotonic() + 0.05), pytest.raises(DeadlineExceeded):
        loop.call(lambda: deadline.without_blocking(lambda: begun.append(None)))
    go_on.set()
    assert all(each.result() for each in holding)
    loop.call(lambda: deadline.without_blocking(lambda: None))
    assert begun == []


def test_what_a_blocking_call_raises_is_raised_where_it_is_waited_for(loop: Loop) -> None:
    def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        loop.call(lambda: deadline.without_blocking(fail))


def test_requests_do_not_see_the_context_of_each_other(loop: Loop) -> None:
    async def both() -> tuple[str, str]:
        def work(name: str) -> str:
            WHO.set(name)
            waiting.sleep(0.01)
            return WHO.get()

        one, two = await asyncio.gather(
            loop.waiting.run(lambda: work("one")), loop.waiting.run(lambda: work("two"))
        )
        return one, two

    assert loop.wait_for(both()) == ("one", "two")
    assert loop.call(WHO.get) == "nobody"


def test_one_that_is_cancelled_comes_to_its_end_all_the_same(loop: Loop) -> None:
    ended = list[None]()

    def work() -> None:
        waiting.sleep(0.05)
        waiting.sleep(0.05)
        ended.append(None)

    async def cancelled() -> bool:
        task = asyncio.ensure_future(loop.waiting.run(work))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert loop.wait_for(cancelled())
    assert len(ended) == 1

"""How many requests a worker begins, and in which order."""

import asyncio
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from math import inf

import pytest

from app.concurrency import waiting
from app.concurrency.greenlets import LoopWaiting
from app.serving.admission import AT_WORK, BEGIN_SECONDS, WAITING, Admission
from app.serving.refusals import Refused

pytestmark = pytest.mark.anyio


class Held:
    """Requests that have begun and wait until they are told to end."""

    def __init__(self) -> None:
        self.admission = Admission(LoopWaiting(asyncio.get_running_loop(), 1))
        self.begun: list[int] = []
        self.ends: list[waiting.Mailbox[None]] = []
        self.sent: list[asyncio.Task[None]] = []

    def request(self, number: int) -> None:
        """What is asked of the admission."""
        self.begun.append(number)
        mailbox = waiting.current().mailbox()
        self.ends.append(mailbox)
        mailbox.get(timeout=inf)

    def send(self, first: int, count: int) -> None:
        for number in range(first, first + count):
            run = self.admission.run(lambda number=number: self.request(number))  # type: ignore[misc]
            self.sent.append(asyncio.ensure_future(run))

    def end_all(self) -> None:
        while self.ends:
            self.ends.pop().put(None)


@pytest.fixture
async def held() -> AsyncIterator[Held]:
    made = Held()
    yield made
    while not all(each.done() for each in made.sent):
        made.end_all()
        await asyncio.sleep(0)


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def until_begun(held: Held, count: int) -> None:
    async with asyncio.timeout(60):
        while len(held.begun) < count:
            await asyncio.sleep(0)


async def test_so_many_are_at_work_and_the_next_begin_in_the_order_of_arrival(held: Held) -> None:
    held.send(0, AT_WORK + 2)
    await until_begun(held, AT_WORK)
    await turns()
    assert held.begun == [*range(AT_WORK)]
    held.end_all()
    await until_begun(held, AT_WORK + 2)
    assert held.begun == [*range(AT_WORK + 2)]


async def test_what_is_too_much_is_refused_at_once(held: Held) -> None:
    held.send(0, AT_WORK + WAITING)
    await until_begun(held, AT_WORK)
    with pytest.raises(Refused) as refused:
        await held.admission.run(lambda: held.request(-1))
    assert refused.value.status == HTTPStatus.SERVICE_UNAVAILABLE
    held.end_all()
    await turns()
    held.send(AT_WORK + WAITING, 1)
    await turns()
    assert not held.sent[-1].done()


async def test_one_that_is_cancelled_while_it_waits_takes_no_place(held: Held) -> None:
    held.send(0, AT_WORK + 1)
    await until_begun(held, AT_WORK)
    held.sent[-1].cancel()
    held.end_all()
    await turns()
    held.begun.clear()
    held.send(100, AT_WORK)
    await until_begun(held, AT_WORK)
    assert held.begun == [*range(100, 100 + AT_WORK)]


async def test_one_that_is_cancelled_as_it_begins_goes_on_to_its_end(held: Held) -> None:
    held.send(0, AT_WORK + 1)
    await until_begun(held, AT_WORK)
    held.end_all()
    await until_begun(held, AT_WORK + 1)  # its task does not know so yet
    held.sent[-1].cancel()
    await turns()
    assert not held.sent[-1].done()
    held.end_all()
    await turns()
    assert held.sent[-1].done()
    held.send(100, AT_WORK)
    await until_begun(held, 2 * AT_WORK + 1)


async def test_an_exception_gives_the_place_back(held: Held) -> None:
    def fail() -> None:
        raise LookupError

    for _ in range(AT_WORK + WAITING + 1):
        with pytest.raises(LookupError):
            await held.admission.run(fail)


async def test_what_takes_long_leaves_turns_of_the_loop_to_others(held: Held) -> None:
    order: list[str] = []

    def work() -> None:
        time.sleep(BEGIN_SECONDS)
        order.append("request")

    async def other() -> None:
        for _ in range(3):
            order.append("other")
            await asyncio.sleep(0)

    requests = [held.admission.run(work) for _ in range(6)]
    await asyncio.gather(*requests, other())
    assert order.index("other") < len(order) - 1 - order[::-1].index("request")
    assert order[-1] == "request"

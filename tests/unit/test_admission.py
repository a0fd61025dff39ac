"""How many requests a worker begins, and in which order."""

import asyncio
from http import HTTPStatus

import pytest

from app.serving.admission import AT_WORK, BEGUN_IN_A_TURN, WAITING, Admission
from app.serving.refusals import Refused

pytestmark = pytest.mark.anyio


class Held:
    """Requests that have begun and stay at work until they are told to end."""

    def __init__(self) -> None:
        self.admission = Admission(asyncio.get_running_loop())
        self.begun: list[int] = []
        self.end = asyncio.Event()

    async def request(self, number: int) -> None:
        async with self.admission:
            self.begun.append(number)
            await self.end.wait()

    def send(self, count: int) -> "list[asyncio.Task[None]]":
        return [asyncio.ensure_future(self.request(number)) for number in range(count)]


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_few_begin_in_one_turn_of_the_loop() -> None:
    held = Held()
    sent = held.send(AT_WORK)
    await turns(1)
    assert len(held.begun) == BEGUN_IN_A_TURN
    await turns(2 * AT_WORK)
    assert held.begun == [*range(AT_WORK)]
    held.end.set()
    await asyncio.gather(*sent)


async def test_the_next_begins_when_one_has_ended_in_the_order_of_arrival() -> None:
    held = Held()
    sent = held.send(AT_WORK + 2)
    await turns(3 * AT_WORK)
    assert len(held.begun) == AT_WORK
    held.end.set()
    await asyncio.gather(*sent)
    assert held.begun == [*range(AT_WORK + 2)]


async def test_what_is_too_much_is_refused_at_once() -> None:
    held = Held()
    sent = held.send(AT_WORK)
    await turns(3 * AT_WORK)
    sent += held.send(WAITING)
    await turns(3)
    with pytest.raises(Refused) as refused:
        await held.request(-1)
    assert refused.value.status == HTTPStatus.SERVICE_UNAVAILABLE
    held.end.set()
    await asyncio.gather(*sent)
    await held.request(-1)


async def test_one_that_is_cancelled_while_it_waits_takes_no_place() -> None:
    held = Held()
    sent = held.send(AT_WORK)
    await turns(3 * AT_WORK)
    waits = asyncio.ensure_future(held.request(-1))
    await turns(1)
    waits.cancel()
    held.end.set()
    await asyncio.gather(*sent)
    await asyncio.gather(*held.send(AT_WORK))
    assert -1 not in held.begun


async def test_an_exception_gives_the_place_back() -> None:
    admission = Admission(asyncio.get_running_loop())
    for _ in range(AT_WORK + 1):
        with pytest.raises(LookupError):
            async with admission:
                raise LookupError

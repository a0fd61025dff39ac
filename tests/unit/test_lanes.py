"""Sharing lines out, loading them in lanes, and putting together what was told of them."""

from collections.abc import Iterable
from itertools import chain
from queue import SimpleQueue

import pytest

from app.core import compose
from app.dao.errors import StoreUnavailable
from app.services.lanes import (
    CHUNK_BYTES,
    CHUNK_LINES,
    Awaited,
    Lanes,
    Told,
    chunks,
    shares,
)
from app.services.loading import Chunk, Line, Loader, Refused
from app.settings import read_settings
from schemas.faults import Fault
from tests.api.failing_dao import FailingDao

WHY = (Fault("", "is wrong"),)


def a_loader(error: Exception | None = None) -> Loader:
    """One into a store that holds nothing."""
    core = compose(read_settings(), FailingDao(error))
    return Loader(core.profile_service(), core.definitions, 1, CHUNK_BYTES)


def lines(texts: Iterable[bytes]) -> list[Line]:
    """``texts`` as the lines of a file, each ten bytes long."""
    return [Line(number, text, number * 10) for number, text in enumerate(texts, start=1)]


def share(told: Told) -> tuple[int, int, tuple[Refused, ...]]:
    """What is told of a share that was loaded."""
    assert isinstance(told, tuple)
    return told


def a_line(customer_id: str) -> bytes:
    return b'{"customer_id": "%s"}' % customer_id.encode()


def test_a_chunk_has_so_many_lines() -> None:
    found = [len(chunk) for chunk in chunks(lines([b"x"] * (2 * CHUNK_LINES + 1)))]
    assert found == [CHUNK_LINES, CHUNK_LINES, 1]
    assert list(chunks([])) == []


def test_a_chunk_ends_before_it_takes_too_much_memory() -> None:
    long = b"x" * (CHUNK_BYTES // 2)
    assert [len(chunk) for chunk in chunks(lines([long] * 5))] == [2, 2, 1]


def test_all_lines_of_a_profile_go_into_one_lane_in_their_order() -> None:
    texts = [a_line(f"c{number % 7}") for number in range(70)]
    shared = shares(lines(texts), a_loader(), 4)
    numbers = [[line.number for line in share] for share in shared]
    assert sorted(chain.from_iterable(numbers)) == list(range(1, 71))
    assert all(share == sorted(share) for share in numbers)
    ids = [{line.text for line in share} for share in shared]
    assert sum(map(len, ids)) == 7


@pytest.mark.parametrize("text", [b"", b"\n", b" \t\r\n", b" " * CHUNK_BYTES])
def test_a_blank_line_is_in_no_lane(text: bytes) -> None:
    assert shares(lines([text]), a_loader(), 2) == [[], []]


def test_of_a_line_that_is_too_long_no_one_knows_whether_it_is_blank() -> None:
    shared = shares(lines([b" " * (CHUNK_BYTES + 1)]), a_loader(), 2)
    assert sum(map(len, shared)) == 1


def test_chunks_are_done_in_their_order_with_all_that_was_told_of_them() -> None:
    awaited = Awaited()
    awaited.add(0, lines([b"x"] * 5), 2)
    awaited.add(1, lines([b"x"] * 6), 1)
    awaited.add(2, lines([b"\n"] * 7), 0)
    awaited.take(1, 6, ())
    awaited.take(0, 1, (Refused(4, WHY),))
    assert list(awaited.done()) == []
    awaited.take(0, 2, (Refused(3, WHY),))
    assert list(awaited.done()) == [
        Chunk(5, 50, 3, (Refused(3, WHY), Refused(4, WHY))),
        Chunk(6, 60, 6, ()),
        Chunk(7, 70, 0, ()),
    ]
    assert len(awaited) == 0


def test_every_lane_tells_of_its_share() -> None:
    told = SimpleQueue[Told]()
    lanes = Lanes(a_loader(), 3, told.put)
    lanes.put(5, [lines([b"{}", b"{", b"{}"]), [], lines([b"5"])])
    found = [told.get() for _ in range(2)]
    lanes.stop()
    counted = [(number, loaded, len(refused)) for number, loaded, refused in map(share, found)]
    assert sorted(counted) == [(5, 0, 1), (5, 2, 1)]


def test_what_stops_a_lane_is_told() -> None:
    told = SimpleQueue[Told]()
    lanes = Lanes(a_loader(StoreUnavailable("away")), 1, told.put, pauses=(0, 0))
    lanes.put(0, [lines([b"{}"])])
    assert str(told.get()) == "away"
    lanes.stop()


class FailsAtFirst(Loader):
    """As one into a store that holds nothing; the first two times the store is too busy."""

    failures = 2

    def __init__(self) -> None:
        self._inner = a_loader()

    def load(self, line: Line) -> Refused | None:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("too busy")
        return self._inner.load(line)


@pytest.mark.parametrize("pauses", [(0,), (0, 0)])
def test_a_line_is_tried_again_where_the_store_is_too_busy(pauses: tuple[float, ...]) -> None:
    told = SimpleQueue[Told]()
    lanes = Lanes(FailsAtFirst(), 1, told.put, pauses)
    lanes.put(0, [lines([b"{}", b"{"])])
    found = told.get()
    lanes.stop()
    assert isinstance(found, Exception) == (len(pauses) < FailsAtFirst.failures)


def test_lanes_that_are_stopped_tell_nothing_more() -> None:
    told = SimpleQueue[Told]()
    lanes = Lanes(a_loader(), 2, told.put)
    lanes.stop()
    lanes.put(0, [lines([b"{}"]), []])
    assert told.empty()

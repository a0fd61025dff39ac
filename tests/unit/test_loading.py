"""Loading lines that are refused, and the ids of those that give none."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import compose
from app.services.loading import CHUNK_LINES, Chunk, Line, Loader, Refused, id_of
from app.settings import read_settings
from schemas.faults import Fault
from schemas.profile import check_customer_id
from tests.api.failing_dao import FailingDao

UNKNOWN = "is not known here"
MAX_LINE = 40


@pytest.fixture
def loader() -> Loader:
    """A loader into a store that holds nothing."""
    core = compose(read_settings(), FailingDao(None))
    return Loader(core.profile_service(), core.definitions, 1, MAX_LINE)


def lines(texts: Iterable[bytes]) -> list[Line]:
    """``texts`` as the lines of a file, each ten bytes long."""
    return [Line(number, text, number * 10) for number, text in enumerate(texts, start=1)]


def a_line(number: int, text: bytes) -> Line:
    return Line(number, text, 0)


@settings(deadline=None, database=None)
@given(st.integers(1, 10**12), st.binary())
def test_a_id_of_is_a_customer_id_of_sixteen_characters(number: int, text: bytes) -> None:
    derived = id_of(a_line(number, text))
    assert check_customer_id(derived) == derived
    assert len(derived) == 16


def test_equal_lines_at_equal_places_get_equal_ids() -> None:
    assert id_of(Line(1, b"{}", 2)) == id_of(Line(1, b" {}\r\n", 5))


def test_a_id_of_stays_the_same_from_release_to_release() -> None:
    assert id_of(a_line(1, b'{"FirstName": "Bruce"}')) == "Eyv0yJ30PpT0ZiIN"


def test_different_lines_and_equal_ones_at_other_places_get_different_ids() -> None:
    found = {id_of(a_line(number, text)) for number in range(1, 501) for text in (b"a", b"b")}
    found |= {id_of(a_line(1, b"1a")), id_of(a_line(11, b"a"))}
    assert len(found) == 1001


def test_every_refused_line_is_told_with_all_its_faults(loader: Loader) -> None:
    texts = [b'{"x": 1, "DOB": 5}\n', b"\n", b"{", b"[]", b'{"DOB": 1, "DOB": 1}']
    (chunk,) = loader.load(lines(texts), threads=4)
    assert (chunk.lines, chunk.end) == (5, 50)
    assert [refused.line for refused in chunk.refused] == [1, 3, 4, 5]
    assert chunk.refused[0] == Refused(
        1, (Fault("/x", UNKNOWN), Fault("/DOB", "must be a date, YYYY-MM-DD"))
    )
    assert [fault.pointer for fault in chunk.refused[3].faults] == ["/DOB", "/DOB"]


def test_a_line_that_is_too_long_is_refused_unread(loader: Loader) -> None:
    (chunk,) = loader.load(lines([b"5" * MAX_LINE, b"5" * (MAX_LINE + 1)]), threads=1)
    told = [refused.faults[0].message for refused in chunk.refused]
    assert told == ["must be an object", f"is longer than {MAX_LINE} bytes"]


@pytest.mark.parametrize("text", [b"", b"\n", b" \t\r\n", b" " * (MAX_LINE + 1)])
def test_a_blank_line_is_left_out(loader: Loader, text: bytes) -> None:
    assert list(loader.load(lines([text]), threads=1)) == [Chunk(1, 10, 0, ())]


def test_lines_are_told_in_chunks_in_their_order(loader: Loader) -> None:
    chunks = list(loader.load(iter(lines([b"5"] * (2 * CHUNK_LINES + 1))), threads=8))
    ends = [CHUNK_LINES, 2 * CHUNK_LINES, 2 * CHUNK_LINES + 1]
    assert [chunk.lines for chunk in chunks] == ends
    assert [chunk.end for chunk in chunks] == [end * 10 for end in ends]
    refused = [refused.line for chunk in chunks for refused in chunk.refused]
    assert refused == list(range(1, 2 * CHUNK_LINES + 2))


def test_no_lines_give_no_chunk(loader: Loader) -> None:
    assert list(loader.load([], threads=1)) == []


def test_a_line_with_a_mask_is_refused_without_a_value(tmp_path: Path) -> None:
    file = tmp_path / "definition.yaml"
    file.write_text("attributes: [{name: Card, type: string, sensitive: true, length: 5}]")
    core = compose(replace(read_settings(), definition=file), FailingDao(None))
    loader = Loader(core.profile_service(), core.definitions, 1, 100)
    texts = ['{"Card": "••••1234"}'.encode(), b'{"Card": "hidden1234"}']
    (chunk,) = loader.load(lines(texts), threads=1)
    assert [fault.pointer for each in chunk.refused for fault in each.faults] == ["/Card", "/Card"]
    assert chunk.refused[0].faults[0].message.startswith("is a mask, not the value")
    assert "hidden" not in str(chunk.refused)

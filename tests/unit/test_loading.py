"""Loading lines that are refused, and the ids of those that give none."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import compose
from app.services.loading import Line, Loader, Refused, id_of
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


def test_a_refused_line_is_told_with_all_its_faults(loader: Loader) -> None:
    assert loader.load(a_line(7, b'{"x": 1, "DOB": 5}\n')) == Refused(
        7, (Fault("/x", UNKNOWN), Fault("/DOB", "must be a date, YYYY-MM-DD"))
    )
    twice = loader.load(a_line(8, b'{"DOB": 1, "DOB": 1}'))
    assert twice is not None
    assert [fault.pointer for fault in twice.faults] == ["/DOB", "/DOB"]


@pytest.mark.parametrize("text", [b"{", b"[]", b"5", b"\xff"])
def test_a_line_that_is_no_object_is_refused(loader: Loader, text: bytes) -> None:
    refused = loader.load(a_line(1, text))
    assert refused is not None
    assert [fault.pointer for fault in refused.faults] == [""]


def test_a_line_that_is_too_long_is_refused_unread(loader: Loader) -> None:
    told = [loader.load(a_line(1, b"5" * length)) for length in (MAX_LINE, MAX_LINE + 1)]
    messages = [refused.faults[0].message for refused in told if refused]
    assert messages == ["must be an object", f"is longer than {MAX_LINE} bytes"]


def test_a_line_that_fits_is_not_refused(loader: Loader) -> None:
    assert loader.load(a_line(1, b'{"FirstName": "Bruce"}')) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (b' {"customer_id": "one", "x": 1}', "one"),
        (b'{"customer_id": "seventeen letters"}', "seventeen letters"),
        (b'{"customer_id": null}', None),
        (b'{"customer_id": 5}', None),
        (b"{}", None),
        (b'["customer_id"]', None),
        (b"{", None),
        (b'{"customer_id": "one", "LastName": "long"}', None),
    ],
)
def test_the_id_of_a_line_is_the_one_that_it_is_loaded_under(
    loader: Loader, text: bytes, named: str | None
) -> None:
    line = a_line(3, text)
    assert loader.customer_id(line) == (named or id_of(line))


def test_a_line_with_a_mask_is_refused_without_a_value(tmp_path: Path) -> None:
    file = tmp_path / "definition.yaml"
    file.write_text("attributes: [{name: Card, type: string, sensitive: true, length: 5}]")
    core = compose(replace(read_settings(), definition=file), FailingDao(None))
    loader = Loader(core.profile_service(), core.definitions, 1, 100)
    texts = ['{"Card": "••••1234"}'.encode(), b'{"Card": "hidden1234"}']
    refused = [loader.load(a_line(1, text)) for text in texts]
    assert [fault.pointer for each in refused if each for fault in each.faults] == ["/Card"] * 2
    assert "is a mask, not the value" in str(refused[0])
    assert "hidden" not in str(refused)

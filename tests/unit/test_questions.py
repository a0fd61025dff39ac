"""What to ask a caller who may be one of several customers."""

from typing import Any

import pytest

from schemas.document import Number
from schemas.questions import next_question
from tests.unit.schemas import a_definition

DEFINITION = a_definition(
    {
        "A": {},
        "B": {"multi_valued": True},
        "C": {"type": "currency"},
        "P": {"normalize": "phone", "region": "DE"},
    }
)


def asked(*candidates: dict[str, Any], given: tuple[str, ...] = ()) -> str | None:
    return next_question(DEFINITION, candidates, given)


def test_the_attribute_with_the_most_distinct_values_is_asked_for() -> None:
    assert asked({"A": "1", "B": "1"}, {"A": "1", "B": "2"}, {"A": "2", "B": "3"}) == "B"


def test_of_as_many_values_the_more_even_split_is_asked_for() -> None:
    pairs = [("1", 1), ("1", 1), ("1", 2), ("2", 2)]
    assert asked(*({"A": text, "C": number} for text, number in pairs)) == "C"


def test_of_equal_splits_the_first_one_defined_is_asked_for() -> None:
    assert asked({"B": "1", "A": "1"}, {"B": "2", "A": "2"}) == "A"


def test_what_was_given_is_not_asked_again() -> None:
    candidates = {"A": "1", "B": "1"}, {"A": "2", "B": "2"}
    assert asked(*candidates, given=("A",)) == "B"
    assert asked(*candidates, given=("A", "B")) is None


def test_nothing_is_asked_where_candidates_agree() -> None:
    assert asked({"A": "1"}, {"A": "1"}) is None


@pytest.mark.parametrize("candidates", [[], [{"A": "1"}]])
def test_nothing_is_asked_of_one_or_none(candidates: list[dict[str, Any]]) -> None:
    assert asked(*candidates) is None


def test_a_value_that_some_lack_tells_them_apart() -> None:
    assert asked({"A": "1"}, {}) == "A"
    assert asked({"B": []}, {}) is None


def test_the_order_and_the_spelling_of_values_do_not_tell_apart() -> None:
    one = {"B": ["1", "2"], "C": Number("5.0"), "P": "0171 1234567"}
    other = {"B": ["2", "1", "1"], "C": "5", "P": "+491711234567"}
    assert asked(one, other) is None


def test_names_that_are_not_defined_are_not_asked_for() -> None:
    assert asked({"old": "1"}, {"old": "2"}) is None

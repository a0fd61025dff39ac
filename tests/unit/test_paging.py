"""Pages end by number and by size."""

from collections.abc import Iterator

import pytest

from app.services.paging import page_of


@pytest.mark.parametrize(
    ("found", "page", "more"),
    [
        ("", "", False),
        ("aaa", "aaa", False),
        ("aaaa", "aaa", True),
        (["aaaa", "aaaa", "aa"], ["aaaa", "aaaa", "aa"], False),
        (["aaaa", "aaaa", "aaa"], ["aaaa", "aaaa"], True),
        (["a" * 11], ["a" * 11], False),
        (["a" * 11, "", "a"], ["a" * 11], True),
        (["a", "a" * 11], ["a"], True),
    ],
)
def test_a_page_has_one_and_no_more_than_fit(found: str, page: str, more: bool) -> None:
    assert page_of(found, 3, len, most=10) == (list(page), more)


def test_no_more_are_asked_for_than_it_takes_to_see_another() -> None:
    asked: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(100):
            asked.append(number)
            yield number

    assert page_of(numbers(), 2, lambda _: 1) == ([0, 1], True)
    assert asked == [0, 1, 2]

"""Lines of a file of which none is kept whole that is too long."""

from collections.abc import Iterator
from io import BytesIO

import pytest

from app.services.bounded_lines import bounded_lines

LONGEST = 4


class Counting(BytesIO):
    """Tells how much was asked for at once."""

    most = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size > 0
        self.most = max(self.most, size)
        return super().readline(size)

    def __iter__(self) -> Iterator[bytes]:
        raise AssertionError("lines of any length are read")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"", []),
        (b"a\n\nbc", [(b"a\n", 2), (b"\n", 1), (b"bc", 2)]),
        (b"abc\nabcd\nabc", [(b"abc\n", 4), (b"abcd\n", 5), (b"abc", 3)]),
        (b"abcdefgh\nab\n", [(b"abcde", 9), (b"ab\n", 3)]),
        (b"abcdefgh", [(b"abcde", 8)]),
        (b"abcde", [(b"abcde", 5)]),
    ],
)
def test_of_a_line_that_is_too_long_the_beginning_is_kept(
    text: bytes, found: list[tuple[bytes, int]]
) -> None:
    assert list(bounded_lines(BytesIO(text), LONGEST)) == found


def test_no_more_is_asked_for_than_is_kept_or_passed_over_at_a_time() -> None:
    source = Counting(b"a" * 10_000_000 + b"\nb\n")
    sizes = [size for _, size in bounded_lines(source, LONGEST)]
    assert sizes == [10_000_001, 2]
    assert source.most <= 64 * 1024

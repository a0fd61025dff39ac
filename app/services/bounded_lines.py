"""The lines of a file, whatever their length, in little memory."""

from collections.abc import Iterator
from typing import IO

_PASSED_OVER_AT_ONCE = 64 * 1024


def bounded_lines(source: IO[bytes], longest: int) -> Iterator[tuple[bytes, int]]:
    """Each line with its end, and how many bytes it takes in the file.

    Of one that is longer than ``longest`` bytes, the first ``longest + 1`` are kept.
    """
    while text := source.readline(longest + 1):
        size, last = len(text), text
        while len(text) > longest and last and not last.endswith(b"\n"):
            last = source.readline(_PASSED_OVER_AT_ONCE)
            size += len(last)
        yield text, size

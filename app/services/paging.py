"""Pages, which end by number and by size."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from app.limits import MAX_ANSWER_BYTES

T = TypeVar("T")


def page_of(
    found: Iterable[T], limit: int, size: Callable[[T], int], most: int = MAX_ANSWER_BYTES
) -> tuple[list[T], bool]:
    """The first of ``found``, and whether there are more.

    Up to ``limit`` of them, and up to ``most`` bytes as ``size`` counts, but one at least. No
    more are asked for than it takes to see that there is another.
    """
    page, total = list[T](), 0
    for each in found:
        total += size(each)
        if page and (len(page) == limit or total > most):
            return page, True
        page.append(each)
    return page, False

"""The sentence about the last seconds."""

from collections.abc import Callable

import pytest

from app.watching import metrics
from app.watching.summary import Summary

Tell = Callable[[], list[str]]


@pytest.fixture
def tell() -> Tell:
    """What is told of that which was observed since the last call."""
    told: list[str] = []
    summary = Summary(lambda: True, told.append)

    def since() -> list[str]:
        told.clear()
        summary()
        return [each.partition("  ")[2] for each in told]

    since()
    return since


def answered(status: str, *seconds: float) -> None:
    for each in seconds:
        metrics.REQUESTS.labels("/summary", "GET", status).observe(each)


def test_nothing_is_told_of_nothing(tell: Tell) -> None:
    assert tell() == []


def test_what_happened_is_told_once(tell: Tell) -> None:
    answered("200", 0.0004, 0.002, 0.002)
    answered("412", 0.03)
    answered("503", 0.2, 0.2)
    metrics.STORE_CALLS.labels("commit", "conflict").observe(0.001)
    metrics.STORE_CALLS.labels("commit", "ok").observe(0.001)
    assert tell() == [
        "6 requests, 1 refused, 2 failed, half within 2.5 ms, all within 250 ms, 1 conflicts"
    ]
    assert tell() == []


def test_the_slowest_may_be_beyond_all_bounds(tell: Tell) -> None:
    answered("200", 0.01, 11)
    assert tell() == [
        "2 requests, 0 refused, 0 failed, half within 10 ms, all over 10 s, 0 conflicts"
    ]


def test_only_the_elected_worker_tells() -> None:
    told: list[str] = []
    answered("200", 0.01)
    Summary(lambda: False, told.append)()
    assert told == []

"""What workers tell each other of their connections."""

import os
from collections.abc import Iterator

import pytest

from app.serving import crowd

WORKERS = (1, 2, 3)


@pytest.fixture(autouse=True)
def _nobody() -> Iterator[None]:
    yield
    for worker in WORKERS:
        crowd.leave(worker)


def test_nobody_has_less_than_nothing() -> None:
    assert crowd.least() == 0


def test_the_least_is_that_of_the_worker_with_the_fewest() -> None:
    for worker, connections in zip(WORKERS, (5, 3, 4), strict=True):
        crowd.tell(worker, connections)
    assert crowd.least() == 3


def test_a_worker_that_has_ended_does_not_count() -> None:
    crowd.tell(1, 7)
    crowd.tell(2, 0)
    crowd.leave(2)
    assert crowd.least() == 7


def test_every_process_sees_what_one_tells() -> None:
    crowd.tell(1, 9)
    if (child := os.fork()) == 0:
        crowd.tell(1, 4)
        os._exit(0)
    os.waitpid(child, 0)
    assert crowd.least() == 4

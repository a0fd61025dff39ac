"""The time that a request has: what asks for it, and what it stops."""

import threading
import time

import pytest

from app.concurrency import deadline
from app.dao.errors import DeadlineExceeded
from app.services.writer import pauses


def in_a_minute() -> float:
    return time.monotonic() + 60


def now() -> float:
    return time.monotonic()


def test_without_a_deadline_a_step_may_take_its_own_time() -> None:
    assert not deadline.is_set()
    assert not deadline.has_passed()
    assert deadline.left(3.0) == 3.0


def test_a_step_may_not_take_longer_than_the_request() -> None:
    with deadline.until(in_a_minute()):
        assert deadline.left(3.0) == 3.0
        assert 59 < deadline.left(100.0) <= 60


def test_no_step_begins_after_the_deadline() -> None:
    with deadline.until(now()):
        assert deadline.has_passed()
        with pytest.raises(DeadlineExceeded):
            deadline.left(3.0)


def test_a_deadline_is_of_one_request_and_one_thread() -> None:
    found = list[bool]()
    with deadline.until(now()):
        other = threading.Thread(target=lambda: found.append(deadline.is_set()))
        other.start()
        other.join()
    assert found == [False]
    assert not deadline.is_set()


def test_a_change_is_not_tried_again_after_the_deadline() -> None:
    tries = pauses("write")
    with deadline.until(now()):
        next(tries)
        with pytest.raises(DeadlineExceeded):
            next(tries)


def test_a_call_that_cannot_be_told_when_to_end_is_not_waited_for() -> None:
    going_on, ended = threading.Event(), threading.Event()

    def call() -> None:
        going_on.wait()
        ended.set()

    with deadline.until(now() + 0.01), pytest.raises(DeadlineExceeded):
        deadline.wait_for(call)
    going_on.set()
    assert ended.wait(60)


def test_a_call_that_ends_in_time_answers_or_raises() -> None:
    with deadline.until(in_a_minute()):
        assert deadline.wait_for(lambda: 5) == 5
        with pytest.raises(ZeroDivisionError):
            deadline.wait_for(lambda: 1 // 0)


def test_a_call_without_a_deadline_stays_in_its_thread() -> None:
    assert deadline.wait_for(threading.current_thread) is threading.current_thread()


def test_a_call_that_hangs_is_made_again_and_its_first_end_counts() -> None:
    released, calls = threading.Event(), list[int]()

    def hangs_at_first() -> int:
        calls.append(len(calls))
        number = len(calls)
        if number == 1:
            assert released.wait(60)
        return number

    assert deadline.wait_for(hangs_at_first, again_after=0.01) >= 2
    released.set()


def test_a_call_is_not_made_again_after_the_deadline() -> None:
    released = threading.Event()
    with deadline.until(now() + 0.1), pytest.raises(DeadlineExceeded):
        deadline.wait_for(lambda: released.wait(60), again_after=0.01)
    released.set()

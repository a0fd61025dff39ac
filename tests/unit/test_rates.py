"""Rate limits: an allowance that is whole after a second, over threads and processes."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from app.access import rates
from app.access.rates import NANOSECONDS, Limiter, Rate

LIMIT = 4


class Clock:
    def __init__(self) -> None:
        self.now = 10**15

    def __call__(self) -> int:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += int(seconds * NANOSECONDS)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> Limiter:
    return Limiter(LIMIT, clock)


def taken(limiter: Limiter, attempts: int, caller: str = "anna") -> int:
    return sum(not limiter.spend(caller).wait for _ in range(attempts))


def test_an_allowance_is_used_up_one_by_one_and_then_refused(limiter: Limiter) -> None:
    assert [limiter.spend("anna").remaining for _ in range(LIMIT)] == [3, 2, 1, 0]
    assert limiter.spend("anna") == Rate(limit=LIMIT, remaining=0, reset=1, wait=1)


def test_it_comes_back_as_time_goes_by_and_is_never_more_than_whole(
    limiter: Limiter, clock: Clock
) -> None:
    assert taken(limiter, 10) == LIMIT
    clock.pass_by(1 / LIMIT)
    assert taken(limiter, 10) == 1
    clock.pass_by(2 / LIMIT)
    assert taken(limiter, 10) == 2
    clock.pass_by(3600)
    assert taken(limiter, 10) == LIMIT


def test_who_is_refused_uses_up_nothing(limiter: Limiter, clock: Clock) -> None:
    taken(limiter, 1000)
    clock.pass_by(1 / LIMIT)
    assert taken(limiter, 1) == 1


def test_each_caller_has_an_allowance_of_its_own(limiter: Limiter) -> None:
    assert [taken(limiter, 10, caller) for caller in ("anna", "bob", "carol")] == [LIMIT] * 3


def test_what_is_given_back_can_be_taken_again_but_no_more(limiter: Limiter) -> None:
    limiter.give_back("anna")
    assert taken(limiter, LIMIT + 1) == LIMIT
    limiter.give_back("anna")
    assert taken(limiter, LIMIT + 1) == 1


def test_an_allowance_may_be_several_times_as_large(limiter: Limiter, clock: Clock) -> None:
    def taken_of_three(attempts: int) -> int:
        return sum(not limiter.spend("anna", 3).wait for _ in range(attempts))

    assert taken_of_three(LIMIT * 10) == LIMIT * 3
    limiter.give_back("anna", 3)
    assert taken_of_three(LIMIT) == 1
    clock.pass_by(1)
    assert taken_of_three(LIMIT * 10) == LIMIT * 3


@pytest.mark.parametrize("per_second", [1, 3, 7, 9999, 10_000])
def test_any_limit_is_kept_exactly(clock: Clock, per_second: int) -> None:
    assert taken(Limiter(per_second, clock), per_second + 10) == per_second


def test_many_callers_of_one_second_are_told_apart(limiter: Limiter) -> None:
    callers = [f"caller {number}" for number in range(2000)]
    assert all(taken(limiter, LIMIT + 1, caller) == LIMIT for caller in callers)


def test_more_callers_than_there_is_room_for_are_limited_all_the_same(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "SLOTS", 64)
    limiter = Limiter(LIMIT, clock)
    for number in range(1000):
        limiter.spend(f"caller {number}")
    assert taken(limiter, LIMIT + 1, "one more") <= LIMIT
    clock.pass_by(1)
    assert taken(limiter, LIMIT + 1, "one more") == LIMIT


def test_threads_share_an_allowance(clock: Clock) -> None:
    limiter = Limiter(1000, clock)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: taken(limiter, 250), range(8))) == 1000


def test_processes_share_the_allowance_of_the_one_that_they_come_from(clock: Clock) -> None:
    limiter = Limiter(1000, clock)
    assert sum(in_processes(lambda: taken(limiter, 400), 4)) == 1000
    assert limiter.spend("anna").wait


def test_processes_share_the_allowance_in_a_file(clock: Clock, tmp_path: Path) -> None:
    file = tmp_path / "rates"
    first = Limiter(1000, clock, file)
    assert sum(in_processes(lambda: taken(Limiter(1000, clock, file), 400), 4)) == 1000
    assert first.spend("anna").wait


def test_a_process_that_is_killed_leaves_no_lock_behind(limiter: Limiter) -> None:
    def die() -> None:
        with limiter._locked():
            os.kill(os.getpid(), signal.SIGKILL)

    process = get_context("fork").Process(target=die)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert taken(limiter, 10) == LIMIT


def in_processes(task: Callable[[], int], count: int) -> list[int]:
    context = get_context("fork")
    answers = context.SimpleQueue()
    processes = [context.Process(target=lambda: answers.put(task())) for _ in range(count)]
    for process in processes:
        process.start()
    found = [answers.get() for _ in processes]
    for process in processes:
        process.join()
    return found

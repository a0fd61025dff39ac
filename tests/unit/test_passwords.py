"""Passwords: dear to check, so checked once, and the same for names that nobody has."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import Any

import pytest
from argon2 import PasswordHasher

from app.access import passwords as module
from app.access.errors import AuthenticationUnavailable, TooManyRequests
from app.access.guesses import BREADTH, Guesses
from app.access.passwords import (
    MAX_SPARE_GUESSES,
    SECONDS_KEPT,
    SECONDS_KNOWN,
    Passwords,
    User,
    password_hash,
)
from app.access.principal import Principal
from app.access.privileges import ALL
from app.access.rates import NANOSECONDS, Limiter
from app.access.recent import MAX_KEPT, Recent
from app.concurrency.waiting import outcome
from tests.support.access import HASH, PASSWORD

ANNA, BOB = Principal("basic:anna", ALL), Principal("basic:bob", ALL)
OTHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("other")
LIMIT = 3
HOME, ELSEWHERE = "10.0.0.1", "10.0.0.2"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now

    def nanoseconds(self) -> int:
        return int(self.now * NANOSECONDS)


def encoded(name: str, password: str) -> str:
    return base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def passwords(clock: Clock) -> Passwords:
    return Passwords({"anna": User(ANNA, HASH), "bob": User(BOB, OTHER)}, clock)


@pytest.fixture
def limiter(clock: Clock) -> Limiter:
    return Limiter(LIMIT, clock.nanoseconds)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that a password was checked against, by the real check."""
    hashes: list[str] = []
    verify = module._verified

    def watch(stored: str, password: str) -> bool:
        hashes.append(stored)
        return verify(stored, password)

    monkeypatch.setattr(module, "_verified", watch)
    return hashes


def find(
    passwords: Passwords,
    name: str,
    password: str,
    address: str = HOME,
    limiter: Limiter | None = None,
) -> Principal | None:
    return passwords.principal(encoded(name, password), Guesses(address, limiter))


def tried(
    passwords: Passwords, limiter: Limiter, name: str, password: str, address: str = HOME
) -> Principal | str | None:
    """Who that is, or that it was not looked at."""
    try:
        return find(passwords, name, password, address, limiter)
    except TooManyRequests:
        return "too many"


def use_up(passwords: Passwords, limiter: Limiter, name: str, address: str) -> None:
    """All that ``address`` may guess of ``name`` now."""
    while tried(passwords, limiter, name, "wrong", address) is None:
        pass


def test_the_right_password_is_checked_once(passwords: Passwords, checked: list[str]) -> None:
    assert [find(passwords, "anna", PASSWORD) for _ in range(3)] == [ANNA] * 3
    assert checked == [HASH]


def test_a_wrong_password_is_checked_each_time(passwords: Passwords, checked: list[str]) -> None:
    assert [find(passwords, "anna", "wrong") for _ in range(3)] == [None] * 3
    assert checked == [HASH] * 3


def test_a_name_that_nobody_has_costs_the_same_check(
    passwords: Passwords, checked: list[str]
) -> None:
    assert find(passwords, "nobody", "wrong") is None
    assert len(checked) == 1


def test_a_name_that_nobody_has_gets_nowhere_even_with_a_right_password(
    passwords: Passwords,
) -> None:
    assert find(passwords, "anna", PASSWORD) == ANNA
    assert [find(passwords, "nobody", each) for each in (PASSWORD, "other")] == [None, None]
    assert find(passwords, "bob", PASSWORD) is None


def test_where_there_are_no_users_nothing_is_checked(checked: list[str]) -> None:
    assert find(Passwords({}), "anna", PASSWORD) is None
    assert checked == []


def test_a_password_may_have_a_colon_and_any_character() -> None:
    users = {"zoe": User(ANNA, password_hash("pass:w\u00f6rd \u2713"))}
    assert find(Passwords(users), "zoe", "pass:w\u00f6rd \u2713") == ANNA


@pytest.mark.parametrize("text", ["", "?", "YW5uYQ==", "//8=", "YW5uYTp4=", "\u00e9"])
def test_what_are_no_credentials_are_nobody_s(passwords: Passwords, text: str) -> None:
    assert passwords.principal(text, Guesses(HOME, None)) is None


def test_who_names_nobody_learns_nothing_of_what_is_remembered(
    passwords: Passwords, checked: list[str]
) -> None:
    assert find(passwords, "anna", PASSWORD) == ANNA
    assert [find(passwords, "nobody", each) for each in (PASSWORD, "wrong")] == [None, None]
    assert checked == [HASH] * 3


def test_beyond_the_limit_a_right_guess_looks_like_a_wrong_one(
    passwords: Passwords, limiter: Limiter, checked: list[str]
) -> None:
    assert find(passwords, "anna", PASSWORD, HOME) == ANNA
    use_up(passwords, limiter, "anna", ELSEWHERE)
    assert checked == [HASH] * (1 + LIMIT)
    guessed = ["wrong", PASSWORD, "wrong"]
    told = {tried(passwords, limiter, "anna", each, ELSEWHERE) for each in guessed}
    assert told == {"too many"}
    assert checked == [HASH] * (1 + LIMIT)


def test_a_password_is_not_guessed_more_often_from_many_addresses(
    passwords: Passwords, limiter: Limiter, checked: list[str]
) -> None:
    for number in range(50):
        use_up(passwords, limiter, "anna", f"10.1.0.{number}")
    assert len(checked) == LIMIT * BREADTH


def test_an_address_does_not_guess_more_often_with_many_names(
    passwords: Passwords, limiter: Limiter, checked: list[str]
) -> None:
    for number in range(50):
        use_up(passwords, limiter, f"user {number}", HOME)
    assert len(checked) == LIMIT * BREADTH


def test_a_name_that_nobody_has_is_limited_like_one_that_somebody_has(
    passwords: Passwords, limiter: Limiter
) -> None:
    told = [
        [tried(passwords, limiter, name, "wrong") for _ in range(LIMIT + 1)]
        for name in ("anna", "nobody")
    ]
    assert told == [[None] * LIMIT + ["too many"]] * 2


def test_many_guesses_at_once_are_no_more_than_one_by_one(
    passwords: Passwords, limiter: Limiter, checked: list[str]
) -> None:
    ready = Barrier(8)

    def guess(number: int) -> object:
        ready.wait()
        return tried(passwords, limiter, "anna", f"wrong {number}")

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(guess, range(8)))
    assert sorted(map(str, told)) == ["None"] * LIMIT + ["too many"] * (8 - LIMIT)
    assert len(checked) == LIMIT


def test_right_passwords_use_nothing_up(passwords: Passwords, limiter: Limiter) -> None:
    addresses = [HOME, *(f"10.1.0.{number}" for number in range(LIMIT * BREADTH * 2))]
    assert {tried(passwords, limiter, "anna", PASSWORD, each) for each in addresses * 2} == {ANNA}


def test_guesses_of_one_name_keep_no_other_out(passwords: Passwords, limiter: Limiter) -> None:
    use_up(passwords, limiter, "anna", HOME)
    assert tried(passwords, limiter, "bob", "other", HOME) == BOB


@pytest.mark.parametrize("after", [0, SECONDS_KEPT + 1, SECONDS_KNOWN - 1])
def test_guesses_of_many_names_keep_nobody_out_who_was_there_lately(
    passwords: Passwords, limiter: Limiter, clock: Clock, after: float
) -> None:
    assert tried(passwords, limiter, "bob", "other", HOME) == BOB
    clock.now += after
    for number in range(LIMIT * BREADTH):
        use_up(passwords, limiter, f"user {number}", HOME)
    assert tried(passwords, limiter, "bob", "other", HOME) == BOB


def test_guesses_from_elsewhere_keep_nobody_out_who_was_there_lately(
    passwords: Passwords, limiter: Limiter, clock: Clock
) -> None:
    assert tried(passwords, limiter, "bob", "other", HOME) == BOB
    clock.now += SECONDS_KEPT + 1
    for number in range(BREADTH):
        use_up(passwords, limiter, "bob", f"10.1.0.{number}")
    assert tried(passwords, limiter, "bob", "other", ELSEWHERE) == "too many"
    assert tried(passwords, limiter, "bob", "other", HOME) == BOB


def test_from_the_user_s_own_address_few_guesses_beyond_the_limit_are_told_from_the_right_one(
    passwords: Passwords, limiter: Limiter, checked: list[str], clock: Clock
) -> None:
    assert tried(passwords, limiter, "anna", PASSWORD) == ANNA
    use_up(passwords, limiter, "anna", HOME)  # the last one of them was beyond
    for number in range(MAX_SPARE_GUESSES - 1):
        assert tried(passwords, limiter, "anna", PASSWORD) == ANNA
        assert tried(passwords, limiter, "anna", f"wrong {number}") == "too many"
    assert tried(passwords, limiter, "anna", PASSWORD) == "too many"
    assert len(checked) == 1 + LIMIT
    clock.now += 1
    assert tried(passwords, limiter, "anna", PASSWORD) == ANNA
    use_up(passwords, limiter, "anna", HOME)
    assert tried(passwords, limiter, "anna", PASSWORD) == "too many"
    clock.now += SECONDS_KEPT
    assert tried(passwords, limiter, "anna", PASSWORD) == ANNA
    use_up(passwords, limiter, "anna", HOME)
    assert tried(passwords, limiter, "anna", PASSWORD) == ANNA


@contextmanager
def all_checks_taken() -> Iterator[None]:
    ended, begun = Event(), Barrier(3)

    def stay() -> None:
        begun.wait()
        ended.wait()

    taken = [module._CHECKS.submit(stay) for _ in range(2)]
    begun.wait()
    try:
        yield
    finally:
        ended.set()
        for each in taken:
            each.result()


def test_more_checks_at_once_than_there_is_room_for_are_put_off(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch, checked: list[str]
) -> None:
    monkeypatch.setattr(module, "SECONDS_IN_QUEUE", 0)
    with all_checks_taken(), pytest.raises(AuthenticationUnavailable):
        find(passwords, "anna", PASSWORD)
    assert checked == []
    monkeypatch.undo()
    assert find(passwords, "anna", PASSWORD) == ANNA


def test_a_check_that_has_begun_is_waited_for(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = Event(), Event()

    def check(*_: str) -> bool:
        begun.set()
        return ended.wait()

    monkeypatch.setattr(module, "_verified", check)
    monkeypatch.setattr(module, "SECONDS_IN_QUEUE", 0)

    def let_it_begin(work: Any, seconds: float | None) -> Any:
        begun.wait()
        if seconds is None:
            ended.set()
        return outcome(work, seconds)

    monkeypatch.setattr(module, "outcome", let_it_begin)
    assert find(passwords, "anna", PASSWORD) == ANNA


def test_a_user_is_shown_without_the_hash() -> None:
    assert HASH not in repr(User(ANNA, HASH))


def test_a_memory_keeps_what_is_new_and_only_for_a_time() -> None:
    recent = Recent[int]()
    for number in range(MAX_KEPT + 1):
        recent.keep(bytes([number % 256, number // 256]), number, 60)
    assert recent.get(bytes([0, 0])) is None
    assert recent.get(bytes([1, 0])) == 1
    recent.keep(b"over", 1, 0)
    assert recent.get(b"over") is None

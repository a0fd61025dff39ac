"""Passwords: dear to check, so checked once, and the same for names that nobody has."""

import base64
from contextlib import ExitStack

import pytest
from argon2 import PasswordHasher

from app.access import passwords as module
from app.access.errors import AuthenticationUnavailable, TooManyRequests
from app.access.passwords import Passwords, User, password_hash
from app.access.principal import Principal
from app.access.privileges import ALL
from app.access.recent import MAX_KEPT, Recent
from tests.support.access import HASH, PASSWORD

ANNA = Principal("basic:anna", ALL)
OTHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("other")


def encoded(name: str, password: str) -> str:
    return base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture
def passwords() -> Passwords:
    return Passwords({"anna": User(ANNA, HASH), "bob": User(Principal("basic:bob", ALL), OTHER)})


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


def nothing() -> None:
    """Costs nothing, and stops nobody."""


def find(passwords: Passwords, name: str, password: str) -> Principal | None:
    return passwords.principal(encoded(name, password), nothing)


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
    assert passwords.principal(text, nothing) is None


def test_who_may_not_check_any_more_is_stopped_before_it_costs(
    passwords: Passwords, checked: list[str]
) -> None:
    def stop() -> None:
        raise TooManyRequests(1)

    with pytest.raises(TooManyRequests):
        passwords.principal(encoded("anna", PASSWORD), stop)
    assert checked == []
    find(passwords, "anna", PASSWORD)
    assert passwords.principal(encoded("anna", PASSWORD), stop) == ANNA


def test_more_checks_at_once_than_there_is_room_for_are_put_off(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS_IN_QUEUE", 0)
    with ExitStack() as checks:
        for _ in range(2):
            checks.enter_context(module._CHECKS_AT_ONCE)
        with pytest.raises(AuthenticationUnavailable):
            find(passwords, "anna", PASSWORD)
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

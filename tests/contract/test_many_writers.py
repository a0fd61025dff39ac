"""Commits and reads of one profile by many at once: nothing mixes, nothing is lost."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Event

from app.dao.base import ProfileDao
from app.dao.errors import VersionConflict
from app.dao.values import Change, ProfileKey, StoredProfile
from app.settings import StoreAddress
from tests.contract.steps import commit_again, read
from tests.support.creators import a_change, a_key
from tests.support.past import past_rows

OVERWRITES = 1_000
WRITERS = 8
READERS = 2


def test_readers_during_a_thousand_overwrites_never_see_a_mixture(dao: ProfileDao) -> None:
    key, done = a_key(), Event()
    dao.commit(_mark(key, 0)(None))

    def observe() -> int:
        reads = 0
        while not done.is_set():
            _assert_of_one_write(read(dao, key, "A", "B", "Even", "Odd"))
            reads += 1
        return reads

    def write(writer: int) -> None:
        for number in range(OVERWRITES // 4):
            commit_again(dao, key, _mark(key, number * 4 + writer))

    with ThreadPoolExecutor(READERS + 4) as pool:
        readers = [pool.submit(observe) for _ in range(READERS)]
        try:
            list(pool.map(write, range(4)))
        finally:
            done.set()
        assert sum(reader.result() for reader in readers) > 0
    stored = dao.get(key)
    assert stored is not None
    assert stored.version.number == OVERWRITES + 1


def test_of_writers_that_expect_one_version_just_one_is_applied(dao: ProfileDao) -> None:
    first = a_change(a_key())
    dao.commit(first)

    def applied(number: int) -> bool:
        try:
            dao.commit(a_change(first.key, first.version, attributes={"n": number}))
        except VersionConflict:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        assert sum(pool.map(applied, range(WRITERS))) == 1


def test_of_creators_of_one_profile_just_one_is_applied(dao: ProfileDao) -> None:
    key = a_key()

    def applied(number: int) -> bool:
        try:
            dao.commit(a_change(key, attributes={"n": number}))
        except VersionConflict:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        assert sum(pool.map(applied, range(WRITERS))) == 1


def test_each_acknowledged_version_of_eight_writers_exists_once(
    dao: ProfileDao, address: StoreAddress
) -> None:
    key = a_key()
    dao.commit(a_change(key))

    def write(writer: int) -> list[tuple[int, str]]:
        acknowledged = []
        for number in range(25):
            name = f"{writer}-{number}"
            version = commit_again(dao, key, _overwrite(key, name)).version
            acknowledged.append((version.number, name))
        return acknowledged

    with ThreadPoolExecutor(WRITERS) as pool:
        acknowledged = sorted(chain.from_iterable(pool.map(write, range(WRITERS))))
    kept = [
        (version.number, json.loads(document)["attributes"]["name"])
        for version, operation, document in reversed(past_rows(address, key))
        if operation == "update"
    ]
    assert kept == acknowledged
    assert [number for number, _ in kept] == list(range(2, WRITERS * 25 + 2))


def _overwrite(key: ProfileKey, name: str) -> Callable[[StoredProfile | None], Change]:
    return lambda stored: a_change(key, stored, attributes={"name": name})


def _mark(key: ProfileKey, mark: int) -> Callable[[StoredProfile | None], Change]:
    """A change whose every part carries ``mark``; which extensions there are depends on it."""
    parity = "Odd" if mark % 2 else "Even"
    records = {"A": [mark], "B": [mark], parity: [mark]}

    def change_of(stored: StoredProfile | None) -> Change:
        names = stored.extension_names or frozenset() if stored else frozenset[str]()
        removed = names - records.keys()
        return a_change(key, stored, attributes={"n": mark}, records=records, removed=removed)

    return change_of


def _assert_of_one_write(stored: StoredProfile) -> None:
    mark = json.loads(stored.attributes)["n"]
    parity = "Odd" if mark % 2 else "Even"
    assert stored.extension_names == frozenset({"A", "B", parity})
    records = {name: json.loads(text) for name, text in stored.extensions.items()}
    assert records == {"A": [mark], "B": [mark], parity: [mark]}

"""Commits that end at any of their steps: all or nothing, and others can go on.

Each scenario is gone through once for every step that its commit has.
"""

import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count
from threading import Event

import pytest

from app.dao.base import Dao, ProfileDao
from app.dao.errors import OutcomeUnknown, StoreUnavailable, ValueTaken, VersionConflict
from app.dao.values import CORE, Change, ProfileKey, State
from app.stores import open_dao
from schemas.identity import Entry
from tests.contract.crashes import CassandraCrasher, Crasher, EmbeddedCrasher
from tests.contract.steps import commit_again, committed, found, read, until
from tests.support.creators import a_change, a_claim, a_key, an_entry

FAULTS = (
    "embedded: crash",
    "cassandra: crash",
    "cassandra: lost request",
    "cassandra: lost answer",
)
WRITERS = 5
ATTEMPTS = 150
VALUES = [a_claim(f"unique {number}") for number in range(4)] + [
    an_entry(f"shared {number}") for number in range(4)
]

Parts = dict[str, frozenset[Entry]]


@dataclass(frozen=True, slots=True)
class Case:
    """A change of a profile that holds the entries ``before``, and is to hold ``after``."""

    change: Change
    before: Parts
    after: Parts


Scenario = Callable[[Crasher], Case]


@pytest.fixture(scope="module", params=FAULTS)
def crasher(request: pytest.FixtureRequest) -> Iterator[Crasher]:
    """Nothing gets lost between the service and a file: that one can only crash."""
    store, _, fault = request.param.partition(": ")
    address = request.getfixturevalue(f"{store}_address")
    opened: Crasher = (
        EmbeddedCrasher(address) if store == "embedded" else CassandraCrasher(address, fault)
    )
    yield opened
    opened.dao.close()


@pytest.fixture(scope="module")
def dao(request: pytest.FixtureRequest, crasher: Crasher) -> Iterator[Dao]:
    """The same store, opened by another process."""
    store = "embedded" if isinstance(crasher, EmbeddedCrasher) else "cassandra"
    opened = open_dao(request.getfixturevalue(f"{store}_address"))
    yield opened
    opened.close()


def creation(crasher: Crasher) -> Case:
    after = {CORE: frozenset({a_claim("a"), an_entry("b")}), "Phone": frozenset({a_claim("p")})}
    return Case(a_change(a_key(), records={"Phone": [1]}, entries=after), {}, after)


def replacement(crasher: Crasher) -> Case:
    before = {
        CORE: frozenset({a_claim("kept"), a_claim("old"), an_entry("o")}),
        "Phone": frozenset({a_claim("p")}),
    }
    after = {CORE: frozenset({a_claim("kept"), a_claim("new"), an_entry("n")})}
    first = a_change(a_key(), records={"Phone": [1]}, entries=before)
    stored = committed(crasher.dao, first)
    removed = frozenset({"Phone"})
    return Case(a_change(first.key, stored, removed=removed, entries=after), before, after)


def removal(crasher: Crasher) -> Case:
    before = {CORE: frozenset({a_claim("a"), a_claim("b"), an_entry("c")})}
    stored = committed(crasher.dao, a_change(key := a_key(), entries=before))
    after = {CORE: frozenset[Entry]()}
    return Case(a_change(key, stored, state=State.DELETED, entries=after), before, {})


def take_over(crasher: Crasher) -> Case:
    """The value is the source's before, and still is after it."""
    source = a_key()
    crasher.dao.commit(a_change(source, entries=[a_claim("s")], state=State.MERGING))
    stored = committed(crasher.dao, a_change(key := a_key(source.tenant), entries=[a_claim("a")]))
    after = {CORE: frozenset({a_claim("a"), a_claim("s")})}
    change = a_change(key, stored, entries=after, source=source.customer_id)
    return Case(change, {CORE: frozenset({a_claim("a")})}, after)


def bequest(crasher: Crasher) -> Case:
    """The heir holds the value already."""
    case = take_over(crasher)
    crasher.dao.commit(case.change)
    source = ProfileKey(case.change.key.tenant, case.change.source or "")
    stored = read(crasher.dao, source)
    heir = case.change.key.customer_id
    change = a_change(source, stored, entries=[], state=State.ALIAS, heir=heir)
    return Case(change, {CORE: frozenset({a_claim("s")})}, {})


def recovery(crasher: Crasher) -> Case:
    """Another writer has died while it was about to hold the values."""
    case = creation(crasher)
    absent, present = (a_key(case.change.key.tenant) for _ in range(2))
    crasher.dao.commit(a_change(present, entries=[an_entry("x")]))
    crasher.leave_claim(absent, a_claim("a"))
    crasher.leave_claim(present, a_claim("p"))
    return case


@pytest.mark.parametrize(
    "scenario", [creation, replacement, removal, take_over, bequest, recovery]
)
def test_a_commit_that_ends_at_any_step_is_all_or_nothing_and_others_go_on(
    crasher: Crasher, dao: Dao, scenario: Scenario
) -> None:
    cases = list(_ended(crasher, scenario))
    held = [_assert_all_or_nothing(dao, case) for case in cases]
    assert held[-1] is cases[-1].after
    assert len(cases) > 3
    for case in cases:
        _assert_others_go_on(dao, case)


def _ended(crasher: Crasher, scenario: Scenario) -> Iterator[Case]:
    """A case for each step, and one that goes through."""
    for step in count(1):
        case = scenario(crasher)
        applied = None
        try:
            reached = crasher.commit(case.change, step)
            applied = None if reached else True
        except OutcomeUnknown:
            reached = True
        except StoreUnavailable:
            reached, applied = True, False
        if applied is not None:
            stored = crasher.dao.get(case.change.key)
            assert (stored is not None and stored.version == case.change.version) is applied
        yield case
        if not reached:
            return


def _assert_all_or_nothing(dao: ProfileDao, case: Case) -> Parts:
    """The entries that the profile holds: it is found by each."""
    change = case.change
    stored = dao.get(change.key, change.records.keys() | {"Phone"}, for_change=True)
    is_new = stored is not None and stored.version == change.version
    held = case.after if is_new else case.before
    if not is_new:
        assert (stored.version if stored else None) == change.expected
    if stored:
        assert stored.extensions.keys() == held.keys() - {CORE}
        assert stored.extension_names == frozenset(stored.extensions)
    for entry in _all(held):
        assert change.key.customer_id in found(dao, change.key.tenant, entry)
    return held


def _assert_others_go_on(dao: ProfileDao, case: Case) -> None:
    """Another profile may have what this one does not hold, and this one what is left."""
    key = case.change.key
    stored = dao.get(key)
    held = case.after if stored and stored.version == case.change.version else case.before
    others = _others(case)
    for entry in _all(case.before) | _all(case.after):
        if not entry.claimed:
            continue
        taker = a_key(key.tenant)
        if entry in _all(held) or entry in others:
            assert not _claimed(dao, taker, entry)
        else:
            assert _claimed(dao, taker, entry)
            assert taker.customer_id in found(dao, key.tenant, entry)
    kept = {part: frozenset(entries) for part, entries in held.items()}
    names = {part: [2] for part in kept.keys() - {CORE}}
    again = commit_again(
        dao, key, lambda now: a_change(key, now, records=names, entries={CORE: [], **kept})
    )
    assert read(dao, key).version == again.version
    for entry in _all(held):
        assert key.customer_id in found(dao, key.tenant, entry)


def _others(case: Case) -> frozenset[Entry]:
    """What the source or the heir of the change holds, whatever becomes of it."""
    return frozenset({a_claim("s")}) if case.change.source or case.change.heir else frozenset()


def _claimed(dao: ProfileDao, key: ProfileKey, entry: Entry) -> bool:
    """Whether another profile can have the value, as soon as that can be told."""

    def attempt() -> bool | None:
        try:
            dao.commit(a_change(key, dao.get(key, for_change=True), entries=[entry]))
        except ValueTaken:
            return False
        except VersionConflict:
            return None
        return True

    return until(attempt)


def _all(parts: Parts) -> frozenset[Entry]:
    return frozenset[Entry]().union(*parts.values())


@pytest.mark.parametrize("crasher", FAULTS[:2], indirect=True)
def test_no_value_is_lost_or_held_twice_by_writers_beside_one_that_crashes(
    crasher: Crasher, dao: Dao
) -> None:
    tenant = a_key().tenant
    keys = [a_key(tenant) for _ in range(4)]
    done = Event()

    def write(seed: int) -> int:
        chance = random.Random(seed)
        return sum(_attempt(dao.commit, dao, keys, chance) for _ in range(ATTEMPTS))

    def crash() -> int:
        chance, crashes = random.Random(WRITERS), 0
        while not done.is_set():
            commit = partial(crasher.commit, step=chance.randint(1, 12))
            crashes += _attempt(commit, dao, keys, chance)
        return crashes

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        crashing = pool.submit(crash)
        try:
            applied = sum(pool.map(write, range(WRITERS)))
        finally:
            done.set()
        assert crashing.result() > 0
    assert applied > 0
    holders = {key.customer_id: _held(dao, key) for key in keys}
    for entry in VALUES:
        having = {name for name, held in holders.items() if entry in held}
        assert having <= set(found(dao, tenant, entry))
        assert not entry.claimed or len(having) <= 1
        assert not (entry.claimed and having and _claimed(dao, a_key(tenant), entry))


def _attempt(
    commit: Callable[[Change], object], dao: Dao, keys: list[ProfileKey], chance: random.Random
) -> bool:
    """Whether some values could be given to some profile."""
    key, entries = chance.choice(keys), chance.sample(VALUES, chance.randint(0, 4))
    names = {"held": [VALUES.index(entry) for entry in entries]}
    try:
        stored = dao.get(key, for_change=True)
        return commit(a_change(key, stored, attributes=names, entries=entries)) is not False
    except (ValueTaken, VersionConflict):
        return False


def _held(dao: Dao, key: ProfileKey) -> list[Entry]:
    """The values that the profile's document tells."""
    stored = dao.get(key)
    told = json.loads(stored.attributes) if stored else {}
    return [VALUES[number] for number in told.get("held", ())]

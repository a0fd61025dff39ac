"""Merges that end at any of their steps: both profiles are as before, or merged."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import product

import pytest

from app.dao.base import Dao
from app.dao.cassandra.claims import LEASE
from app.dao.errors import OutcomeUnknown
from app.dao.values import State
from app.services.errors import ProfileMerged, ProfileNotFound, StoreBusy, UniqueKeyTaken
from tests.contract.steps import until
from tests.services.faults import (
    ERRORS,
    Crash,
    Fault,
    FaultyDao,
    Moment,
    UnfinishedDao,
    WatchedDao,
)
from tests.services.service import Service, plain
from tests.support.creators import a_tenant

STEPS = 3
FAULTS = [Fault(*parts) for parts in product(range(1, STEPS + 1), Moment, ERRORS)]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two profiles that share a phone number, and what is to be found of them."""

    number: int

    @property
    def into(self) -> str:
        return f"into{self.number}"

    @property
    def source(self) -> str:
        return f"from{self.number}"

    def email(self, customer_id: str) -> str:
        return f"{customer_id}@example.com"

    def body(self, *customer_ids: str) -> dict[str, object]:
        """What a profile holds into which all of these were merged."""
        return {
            "LastName": customer_ids[0],
            "EmailAddress": [self.email(each) for each in customer_ids],
            "PhoneNumber": [f"shared {self.number}"],
            "Phone": [{"PhoneType": 0, "PhoneNumber": each} for each in customer_ids],
        }

    def create(self, service: Service) -> None:
        for each in (self.into, self.source):
            service.create(each, self.body(each))

    def is_merged(self, service: Service) -> bool:
        """Whether it is; fails where it is neither merged nor as before."""
        into, source = service.query(self.into), service.query(self.source)
        merged = source is not None and source[0] == self.into
        if merged:
            whole = (self.into, plain(self.body(self.into, self.source)))
            assert (into, source) == (whole, whole)
        else:
            assert into == (self.into, plain(self.body(self.into)))
            assert source == (self.source, plain(self.body(self.source)))
        _assert_identified(self, service, merged=merged)
        return merged


def _assert_identified(pair: Pair, service: Service, *, merged: bool) -> None:
    for each in (pair.into, pair.source):
        owners = [pair.into] if merged else [each]
        assert service.identify("EmailAddress", pair.email(each)) == owners
        assert service.identify("Phone.PhoneNumber", each) == owners
        with pytest.raises(UniqueKeyTaken):
            service.create(f"thief{pair.number}", {"EmailAddress": pair.email(each)})
    both = [pair.into] if merged else sorted([pair.into, pair.source])
    assert service.identify("PhoneNumber", f"shared {pair.number}") == both


@dataclass(frozen=True, slots=True)
class Remains:
    """What a merge has left that met a fault."""

    pair: Pair
    fault: Fault

    @property
    def decided(self) -> bool:
        """The second step decides."""
        after = self.fault.moment is Moment.AFTER
        return self.fault.step > 2 or (self.fault.step == 2 and after)


def all_remains(dao: Dao, tenant: int) -> list[Remains]:
    """A pair for each fault, left as the fault leaves it."""
    remains = [Remains(Pair(number), fault) for number, fault in enumerate(FAULTS)]
    for each in remains:
        each.pair.create(Service(dao, tenant))
        faulty = FaultyDao(dao, each.fault)
        with suppress(Crash, OutcomeUnknown):
            Service(faulty, tenant).merge(each.pair.into, each.pair.source)
        assert faulty.commits == each.fault.step
    return remains


@pytest.fixture
def service(dao: Dao) -> Service:
    return Service(dao, a_tenant())


@pytest.fixture
def remains(dao: Dao, service: Service) -> list[Remains]:
    return all_remains(dao, service.tenant)


def patiently(operation: Callable[[], None]) -> None:
    """Do ``operation``, again as long as a merge is in its way that may still be at work."""

    def attempt() -> bool | None:
        try:
            operation()
        except StoreBusy:
            return None
        return True

    until(attempt)


def in_parallel(check: Callable[[Remains], None], remains: list[Remains]) -> None:
    """Unfinished merges are waited for all together."""
    with ThreadPoolExecutor(len(remains)) as pool:
        list(pool.map(check, remains))


def test_both_profiles_are_as_before_or_merged(service: Service, remains: list[Remains]) -> None:
    for each in remains:
        assert each.pair.is_merged(service) is each.decided, each.fault


def test_the_merge_can_be_made_again(service: Service, remains: list[Remains]) -> None:
    def check(each: Remains) -> None:
        into, source = each.pair.into, each.pair.source
        if each.decided:
            with pytest.raises(ProfileMerged):
                patiently(partial(service.merge, into, source))
        else:
            patiently(partial(service.merge, into, source))
        assert each.pair.is_merged(service)
        assert service.stored(source).state is State.ALIAS

    in_parallel(check, remains)


def test_the_source_can_be_merged_into_another_if_it_was_not(
    service: Service, remains: list[Remains]
) -> None:

    def check(each: Remains) -> None:
        source, third = each.pair.source, f"third{each.pair.number}"
        service.create(third, {"LastName": third})
        if each.decided:
            with pytest.raises(ProfileMerged):
                patiently(partial(service.merge, third, source))
            assert each.pair.is_merged(service)
        else:
            patiently(partial(service.merge, third, source))
            assert service.identify("EmailAddress", each.pair.email(source)) == [third]
            assert service.query(each.pair.into) is not None

    in_parallel(check, remains)


def test_the_source_can_be_written_if_it_was_not_merged(
    service: Service, remains: list[Remains]
) -> None:
    def check(each: Remains) -> None:
        source, body = each.pair.source, {"EmailAddress": f"new{each.pair.number}@example.com"}
        if each.decided:
            with pytest.raises(ProfileMerged):
                patiently(partial(service.update, source, body))
            assert each.pair.is_merged(service)
            assert service.stored(source).state is State.ALIAS
        else:
            patiently(partial(service.update, source, body))
            assert service.stored(source).state is State.LIVE
            assert service.identify("EmailAddress", body["EmailAddress"]) == [source]
            assert service.identify("EmailAddress", each.pair.email(source)) == []

    in_parallel(check, remains)


def test_the_destination_can_be_written_at_once(service: Service, remains: list[Remains]) -> None:
    for each in remains:
        into, source = each.pair.into, each.pair.source
        service.insert(into, {"Phone": {"PhoneNumber": "more"}})
        found = service.query(source)
        assert found is not None
        assert found[0] == (into if each.decided else source)
        assert into in service.identify("Phone.PhoneNumber", "more")


def test_an_undecided_merge_that_goes_on_after_it_was_taken_back_is_refused(
    dao: Dao, service: Service
) -> None:
    pair, others = Pair(0), {"LastName": "written meanwhile"}
    pair.create(service)
    calls = []

    def write_the_source() -> None:
        calls.append(service.stored(pair.source).state)
        if len(calls) == 2:
            patiently(lambda: service.update(pair.source, others))

    slow = Service(WatchedDao(dao, write_the_source), service.tenant)
    slow.merge(pair.into, pair.source)
    assert calls[:2] == [State.LIVE, State.MERGING]
    found = service.query(pair.source)
    assert found is not None
    assert found[0] == pair.into
    assert service.identify("EmailAddress", pair.email(pair.source)) == []


def test_nobody_sees_anything_between_the_steps_nor_takes_a_unique_value(
    dao: Dao, service: Service
) -> None:
    pair, seen = Pair(0), list[bool]()
    pair.create(service)
    watched = WatchedDao(dao, lambda: seen.append(pair.is_merged(service)))
    Service(watched, service.tenant).merge(pair.into, pair.source)
    assert seen[:STEPS] == [False, False, True]
    assert all(seen[STEPS:])
    assert service.stored(pair.source).state is State.ALIAS


def test_a_deleted_survivor_takes_the_source_along(
    service: Service, remains: list[Remains]
) -> None:
    for each in remains:
        pair = each.pair
        service.delete(pair.into)
        assert service.query(pair.into) is None
        gone = service.query(pair.source) is None
        assert gone is each.decided, each.fault
        owners = [] if each.decided else [pair.source]
        assert service.identify("EmailAddress", pair.email(pair.source)) == owners, each.fault
        assert service.identify("EmailAddress", pair.email(pair.into)) == []


def test_a_survivor_made_anew_after_its_deletion_has_nothing_of_the_source(
    service: Service, remains: list[Remains]
) -> None:
    for each in remains:
        if each.decided:
            pair = each.pair
            service.delete(pair.into)
            service.create(pair.into, {"LastName": "another customer"})
            assert service.query(pair.source) is None, each.fault
            assert service.identify("EmailAddress", pair.email(pair.source)) == [], each.fault
            patiently(partial(service.create, pair.source, {"LastName": "a third one"}))
            assert service.query(pair.into) == (pair.into, {"LastName": "another customer"})


def test_the_values_of_a_deleted_survivor_are_free(
    service: Service, remains: list[Remains]
) -> None:
    for each in remains:
        pair = each.pair
        if each.decided:
            service.delete(pair.into)
            body = {"EmailAddress": [pair.email(pair.into), pair.email(pair.source)]}
            patiently(partial(service.create, f"next{pair.number}", body))
            assert service.identify("EmailAddress", pair.email(pair.source)) == [
                f"next{pair.number}"
            ]


def test_values_that_a_survivor_inherited_stay_its_own_in_a_chain_of_merges(
    service: Service,
) -> None:
    for each in "ABC":
        service.create(each, {"LastName": each, "EmailAddress": f"{each}@example.com"})
    service.merge("B", "C")
    service.merge("A", "B")
    # Longer than a claim without its value is left alone.
    deadline = time.monotonic() + 1.2 * LEASE.total_seconds()
    tried = 0
    while time.monotonic() < deadline or not tried:
        tried += 1
        for each in "ABC":
            with pytest.raises((UniqueKeyTaken, StoreBusy)):
                service.create("thief", {"EmailAddress": f"{each}@example.com"})
            assert service.identify("EmailAddress", f"{each}@example.com") == ["A"]


def test_profiles_in_a_chain_of_unfinished_merges_lead_to_the_last_survivor(
    dao: Dao, service: Service
) -> None:
    for each in "ABC":
        service.create(each, {"LastName": each, "EmailAddress": f"{each}@example.com"})
    for into, source in ("BC", "AB"):
        unfinished = UnfinishedDao(dao, service.key(source))
        with pytest.raises(Crash):
            Service(unfinished, service.tenant).merge(into, source)
    for each in "ABC":
        found = service.query(each)
        assert found is not None
        assert found[0] == "A"
        assert service.identify("EmailAddress", f"{each}@example.com") == ["A"]


def test_an_id_made_anew_after_its_survivor_was_deleted_has_nothing_of_earlier_merges(
    service: Service,
) -> None:
    for each in "ABC":
        service.create(each, {"LastName": each, "EmailAddress": f"{each}@example.com"})
    service.merge("B", "C")
    service.merge("A", "B")
    service.delete("A")
    service.create("B", {"LastName": "another customer"})
    assert service.query("C") is None
    with pytest.raises(ProfileNotFound):
        service.update("C", {"LastName": "C"})

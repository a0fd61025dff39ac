"""Merges at the same time as other writes and merges: each outcome is that of some order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, Event

import pytest

from app.dao.base import Dao
from app.services.errors import ProfileMerged, StoreBusy, UniqueKeyTaken
from tests.contract.steps import until
from tests.services.faults import Crash, InterruptedRefusals, UnfinishedDao
from tests.services.service import Service
from tests.support.creators import a_tenant

ROUNDS = 8
WRITE_SECONDS = 0.02


@pytest.fixture
def tenant() -> int:
    return a_tenant()


@pytest.fixture
def service(dao: Dao, tenant: int) -> Service:
    return Service(dao, tenant)


def email(customer_id: str) -> str:
    return f"{customer_id}@example.com"


def create(service: Service, *customer_ids: str) -> None:
    for each in customer_ids:
        service.create(each, {"LastName": each, "EmailAddress": email(each)})


def emails(service: Service, customer_id: str) -> set[str]:
    found = service.query(customer_id)
    assert found is not None
    held = found[1]["EmailAddress"]
    return set(held if isinstance(held, list) else [held])


def merged(service: Service, into: str, source: str) -> bool:
    """False where the source, or the destination, was merged into another one before."""

    def attempt() -> bool | None:
        try:
            service.merge(into, source)
        except StoreBusy:
            return None
        except ProfileMerged:
            return False
        return True

    return until(attempt)


def at_once(*operations: Callable[[], bool]) -> list[bool]:
    barrier = Barrier(len(operations))

    def run(operation: Callable[[], bool]) -> bool:
        barrier.wait(10)
        return operation()

    with ThreadPoolExecutor(len(operations)) as pool:
        return list(pool.map(run, operations))


def test_a_merge_loses_no_answered_write_of_either_side(
    dao: Dao, service: Service, tenant: int
) -> None:
    create(service, "A", "B")
    sides, stop = {"A": list[str](), "B": list[str]()}, Event()

    def insert(side: str) -> None:
        writer, answered = Service(dao, tenant), sides[side]
        while not stop.is_set():
            number = f"{side}{len(answered)}"
            try:
                writer.insert(side, {"Phone": {"PhoneNumber": number}})
            except ProfileMerged:
                assert side == "B"
                return
            except StoreBusy:
                continue
            answered.append(number)
            stop.wait(WRITE_SECONDS)

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(insert, side) for side in sides]
        try:
            until(lambda: all(len(each) >= 3 for each in sides.values()) or None)
            assert merged(service, "A", "B")
            after = len(sides["A"]) + 3
            until(lambda: len(sides["A"]) >= after or None)
        finally:
            stop.set()
        for each in writers:
            each.result()
    found = service.query("B")
    assert found is not None
    assert found[0] == "A"
    stored = {record["PhoneNumber"] for record in found[1]["Phone"]}
    assert stored >= {*sides["A"], *sides["B"]}
    for number in (*sides["A"], *sides["B"]):
        assert service.identify("Phone.PhoneNumber", number) == ["A"]


def test_readers_during_a_merge_see_both_as_before_or_merged(
    dao: Dao, service: Service, tenant: int
) -> None:
    pairs, done = [(f"A{number}", f"B{number}") for number in range(ROUNDS)], Event()
    for pair in pairs:
        create(service, *pair)

    with ThreadPoolExecutor(3) as pool:
        watching = [
            pool.submit(_repeat, done, Service(dao, tenant), check, pairs)
            for check in (_assert_consistent, _assert_consistent, _assert_claimed)
        ]
        try:
            assert all(merged(service, *pair) for pair in pairs)
        finally:
            done.set()
        assert all(each.result() > 0 for each in watching)
    for into, source in pairs:
        assert emails(service, source) == {email(into), email(source)}


def _repeat(
    done: Event,
    service: Service,
    check: Callable[[Service, str, str], None],
    pairs: list[tuple[str, str]],
) -> int:
    """How often all was looked at."""
    times = 0
    while not done.is_set():
        for into, source in pairs:
            check(service, into, source)
        times += 1
    return times


def _assert_claimed(thief: Service, _: str, source: str) -> None:
    """Nobody else gets the e-mail address, whoever holds it just now."""
    with pytest.raises((UniqueKeyTaken, StoreBusy)):
        thief.create("thief", {"EmailAddress": email(source)})


def _assert_consistent(reader: Service, into: str, source: str) -> None:
    owners = reader.identify("EmailAddress", email(source))
    found = reader.query(source)
    assert found is not None
    if owners == [into]:
        assert found[0] == into
    else:
        assert owners == [source]
    if found[0] == into:
        assert emails(reader, into) == {email(into), email(source)}
        assert reader.identify("EmailAddress", email(source)) == [into]
    else:
        assert found == (source, {"LastName": source, "EmailAddress": email(source)})


def test_of_two_merges_of_each_other_one_wins(dao: Dao, service: Service, tenant: int) -> None:
    for number in range(ROUNDS):
        one, other = f"A{number}", f"B{number}"
        create(service, one, other)
        won = at_once(
            _merging(Service(dao, tenant), one, other),
            _merging(Service(dao, tenant), other, one),
        )
        assert sorted(won) == [False, True]
        survivor = one if won[0] else other
        for each in (one, other):
            assert service.query(each) == service.query(survivor)
            assert service.identify("EmailAddress", email(each)) == [survivor]
        assert emails(service, survivor) == {email(one), email(other)}


def test_of_merges_of_one_source_into_several_one_wins(
    dao: Dao, service: Service, tenant: int
) -> None:
    for number in range(ROUNDS):
        into, source = [f"A{number}", f"B{number}", f"C{number}"], f"S{number}"
        create(service, *into, source)
        won = at_once(*(_merging(Service(dao, tenant), each, source) for each in into))
        assert won.count(True) == 1
        winner = into[won.index(True)]
        for each in into:
            expected = {email(each), email(source)} if each == winner else {email(each)}
            assert emails(service, each) == expected
        assert service.identify("EmailAddress", email(source)) == [winner]


def _merging(service: Service, into: str, source: str) -> Callable[[], bool]:
    return lambda: merged(service, into, source)


def test_a_value_that_becomes_free_while_it_is_refused_is_not_refused(
    dao: Dao, service: Service, tenant: int
) -> None:
    """The source of an earlier merge holds its values until that is finished."""
    create(service, "A", "B", "C")
    with suppress(Crash):
        Service(UnfinishedDao(dao, service.key("C")), tenant).merge("B", "C")

    def finish() -> None:
        service.survivors.for_change(service.key("C"))

    Service(InterruptedRefusals(dao, finish), tenant).merge("A", "B")
    assert emails(service, "C") == {email("A"), email("B"), email("C")}


def test_merges_of_a_chain_at_once_lead_to_one_survivor(
    dao: Dao, service: Service, tenant: int
) -> None:
    for number in range(ROUNDS):
        first, middle, last = ids = [f"A{number}", f"B{number}", f"C{number}"]
        create(service, *ids)
        won = at_once(
            _merging(Service(dao, tenant), middle, last),
            _merging(Service(dao, tenant), first, middle),
        )
        assert won[1]
        for each in ids:
            survivor = last if each == last and not won[0] else first
            found = service.query(each)
            assert found is not None
            assert found[0] == survivor
            assert service.identify("EmailAddress", email(each)) == [survivor]

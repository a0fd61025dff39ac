"""Identification while indexed values change: an answered write is found by every process."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from app.dao.base import Dao
from app.services.errors import ProfileNotFound, UniqueKeyTaken
from tests.contract.steps import until
from tests.services.service import Service
from tests.support.creators import a_tenant

WRITERS = 3
CHANGES = 25
SHARED_CHANGES = 60


@pytest.fixture
def tenant() -> int:
    return a_tenant()


def a_body(writer: str, number: int) -> dict[str, object]:
    """With e-mail addresses of each profile's own, as the key is unique."""
    return {
        "LastName": "same",
        "EmailAddress": [f"{writer}.always@example.com", f"{writer}.{number}@example.com"],
        "Phone": [{"PhoneNumber": f"{writer}.{number}"}],
    }


def test_an_answered_write_is_found_by_its_values_and_not_by_those_before(
    dao: Dao, tenant: int
) -> None:
    def write(writer: str) -> None:
        here, elsewhere = Service(dao, tenant), Service(dao, tenant)
        here.create(writer, a_body(writer, 0))
        for number in range(1, CHANGES):
            here.update(writer, a_body(writer, number))
            _assert_found(elsewhere, writer, number, [writer])
            _assert_found(elsewhere, writer, number - 1, [])
            assert elsewhere.identify("LastName", "same").count(writer) == 1
        here.delete(writer)
        _assert_found(elsewhere, writer, CHANGES - 1, [])

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, [f"writer{number}" for number in range(WRITERS)]))


def _assert_found(service: Service, writer: str, number: int, owners: list[str]) -> None:
    assert service.identify("EmailAddress", f"{writer}.{number}@example.com") == owners
    assert service.identify("Phone.PhoneNumber", f"{writer}.{number}") == owners


def test_readers_find_a_profile_by_what_it_keeps_and_never_by_what_it_never_had(
    dao: Dao, tenant: int
) -> None:
    done, writer = Event(), Service(dao, tenant)
    writer.create("one", a_body("one", 0))

    def watch() -> int:
        reader, reads = Service(dao, tenant), 0
        while not done.is_set():
            assert reader.identify("EmailAddress", "one.always@example.com") == ["one"]
            assert reader.identify("LastName", "same") == ["one"]
            assert reader.identify("EmailAddress", "never@example.com") == []
            reads += 1
        return reads

    with ThreadPoolExecutor(2) as pool:
        watching = [pool.submit(watch) for _ in range(2)]
        try:
            for number in range(SHARED_CHANGES):
                writer.update("one", a_body("one", number % 3))
        finally:
            done.set()
        assert all(each.result() > 0 for each in watching)


def test_after_many_writers_of_one_profile_it_is_found_by_just_what_it_holds(
    dao: Dao, tenant: int
) -> None:
    Service(dao, tenant).create("one", {"Title": "0"})
    phones = [str(number) for number in range(6)]

    def write(_: int) -> None:
        service = Service(dao, tenant)
        for _ in range(SHARED_CHANGES // WRITERS):
            service.update("one", {"PhoneNumber": random.sample(phones, 2)})

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    service = Service(dao, tenant)
    found = service.query("one")
    assert found is not None
    for phone in phones:
        owners = ["one"] if phone in found[1]["PhoneNumber"] else []
        assert service.identify("PhoneNumber", phone) == owners


def test_a_unique_value_that_profiles_pass_on_has_one_holder_at_most(
    dao: Dao, tenant: int
) -> None:
    """Each takes the value when it can, and gives it up; two never hold it at once."""
    ids, done, value = ["a", "b", "c"], Event(), "one@example.com"
    for each in ids:
        Service(dao, tenant).create(each, {"Title": each})

    def pass_on(one: str) -> int:
        service, taken = Service(dao, tenant), 0
        while not done.is_set():
            try:
                service.update(one, {"EmailAddress": value})
            except UniqueKeyTaken:
                continue
            assert Service(dao, tenant).identify("EmailAddress", value) == [one]
            service.update(one, {"Title": one})
            taken += 1
        return taken

    with ThreadPoolExecutor(len(ids)) as pool:
        passing = [pool.submit(pass_on, each) for each in ids]
        observer = Service(dao, tenant)
        seen = set[str]()
        try:
            until(lambda: _seen_all(observer, value, seen, ids))
        finally:
            done.set()
        assert sum(each.result() for each in passing) >= len(ids)
    assert observer.identify("EmailAddress", value) == []


def _seen_all(observer: Service, value: str, seen: set[str], ids: list[str]) -> bool | None:
    # A page is no snapshot: a holder may pass the value on between two reads of it.
    seen.update(observer.identify("EmailAddress", value))
    return True if seen == set(ids) else None


def test_a_deleted_and_re_created_profile_is_found_by_its_new_values_only(
    dao: Dao, tenant: int
) -> None:
    here, elsewhere = Service(dao, tenant), Service(dao, tenant)
    for number in range(8):
        here.create("one", a_body("one", number))
        _assert_found(elsewhere, "one", number, ["one"])
        _assert_found(elsewhere, "one", number - 1, [])
        here.delete("one")
        _assert_found(elsewhere, "one", number, [])
        with pytest.raises(ProfileNotFound):
            elsewhere.update("one", {"Title": "gone"})

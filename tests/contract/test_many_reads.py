"""Reads of several profiles at once."""

from uuid import uuid4

from app.dao.base import ProfileDao
from app.dao.cassandra.connection import AT_A_TIME
from app.dao.values import Link, ProfileKey, State
from tests.contract.steps import committed
from tests.support.creators import a_change, a_key, a_tenant

ALL = ["A", "B"]


def test_each_profile_is_read_as_a_read_of_it_alone(dao: ProfileDao) -> None:
    tenant, link = a_tenant(), Link(uuid4(), "elsewhere")
    keys = {each: ProfileKey(tenant, each) for each in ("one", "two", "gone", "alias")}
    dao.commit(a_change(keys["one"], attributes={"a": 1}, records={"A": [1], "B": {}, "C": []}))
    dao.commit(a_change(keys["two"]))
    gone = committed(dao, a_change(keys["gone"], records={"A": [1]}))
    removed = frozenset({"A"})
    dao.commit(a_change(keys["gone"], gone, state=State.DELETED, removed=removed))
    dao.commit(a_change(keys["alias"], state=State.ALIAS, link=link))
    found = dao.get_many(tenant, [*keys, "never"], ALL)
    assert found == {each: dao.get(key, ALL) for each, key in keys.items()}
    assert found["one"].extensions == {"A": b"[1]", "B": b"{}"}
    assert found["alias"].link == link


def test_more_are_read_than_are_asked_for_at_a_time(dao: ProfileDao) -> None:
    tenant, ids = a_tenant(), [f"c{number}" for number in range(2 * AT_A_TIME + 1)]
    for number, each in enumerate(ids):
        dao.commit(a_change(ProfileKey(tenant, each), attributes={"a": number}))
    found = dao.get_many(tenant, reversed(ids))
    assert [found[each].attributes for each in ids] == [b'{"a": %d}' % n for n in range(len(ids))]


def test_profiles_of_other_tenants_are_not_read(dao: ProfileDao) -> None:
    key = a_key()
    dao.commit(a_change(key))
    assert dao.get_many(a_tenant(), [key.customer_id]) == {}


def test_none_asked_for_are_none_read(dao: ProfileDao) -> None:
    assert dao.get_many(a_tenant(), []) == {}

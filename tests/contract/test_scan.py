"""Going through all profiles of a tenant, page by page."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from app.dao.base import ProfileDao
from app.dao.values import ProfileKey, State
from tests.contract.steps import committed
from tests.support.creators import a_change, a_key, a_tenant

PROFILES = 30


@pytest.fixture
def keys(dao: ProfileDao) -> list[ProfileKey]:
    """The profiles of a tenant."""
    tenant = a_tenant()
    made = [a_key(tenant) for _ in range(PROFILES)]
    for key in made:
        dao.commit(a_change(key, records={"A": [1], "B": [2]}))
    return made


def scanned(dao: ProfileDao, tenant: int, limit: int) -> list[str]:
    """What all pages name, in their order."""
    page = dao.scan(tenant, None, limit)
    met = list(page.customer_ids)
    while page.next is not None:
        page = dao.scan(tenant, page.next, limit)
        met += page.customer_ids
    return met


@pytest.mark.parametrize("limit", [7, 1000])
def test_every_profile_is_met_once(dao: ProfileDao, keys: list[ProfileKey], limit: int) -> None:
    assert sorted(scanned(dao, keys[0].tenant, limit)) == sorted(key.customer_id for key in keys)


def test_profiles_are_met_in_whatever_state(dao: ProfileDao) -> None:
    tenant = a_tenant()
    keys = [a_key(tenant) for _ in State]
    for key, state in zip(keys, State, strict=True):
        dao.commit(a_change(key, committed(dao, a_change(key)), state=state))
    assert sorted(scanned(dao, tenant, 100)) == sorted(key.customer_id for key in keys)


def test_profiles_of_other_tenants_are_not_met(dao: ProfileDao, keys: list[ProfileKey]) -> None:
    assert scanned(dao, keys[0].tenant + 10**15, 100) == []


@pytest.mark.parametrize("limit", [7, 1000])
def test_the_profiles_of_all_tenants_are_met_once(
    dao: ProfileDao, keys: list[ProfileKey], limit: int
) -> None:
    others = [a_key(), a_key(), replace(keys[0], tenant=a_tenant())]
    for key in others:
        dao.commit(a_change(key))
    page = dao.scan(None, None, limit)
    met = list(page.keys)
    while page.next is not None:
        page = dao.scan(None, page.next, limit)
        met += page.keys
    assert len(met) == len(set(met))
    assert {*keys, *others} <= set(met)


def test_no_page_is_much_larger_than_asked_for(dao: ProfileDao, keys: list[ProfileKey]) -> None:
    page = dao.scan(keys[0].tenant, None, 5)
    assert len(page.customer_ids) <= 5
    assert page.next is not None


def test_profiles_are_met_once_while_others_come_and_all_change(
    dao: ProfileDao, keys: list[ProfileKey]
) -> None:
    done = Event()

    def write() -> None:
        while not done.is_set():
            dao.commit(a_change(a_key(keys[0].tenant)))
            for key in keys[:2]:
                dao.commit(a_change(key, dao.get(key, for_change=True)))

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        met = scanned(dao, keys[0].tenant, 10)
        done.set()
        writing.result()
    assert len(met) == len(set(met))
    assert {key.customer_id for key in keys} <= set(met)

"""What a store tells of the versions before: a row for each change."""

from datetime import UTC, datetime

from app.dao.base import ProfileDao
from app.dao.values import Operation, PastVersion, ProfileKey
from tests.contract.steps import committed, until
from tests.support.creators import a_change, a_key

ALL = 2**62


def a_profile_of_versions(dao: ProfileDao, count: int) -> ProfileKey:
    key, stored = a_key(), None
    for _ in range(count):
        stored = committed(dao, a_change(key, stored))
    return key


def test_a_profile_that_never_existed_has_no_past(dao: ProfileDao) -> None:
    assert dao.past(a_key(), ALL, 10) == []


def test_a_past_version_tells_its_change(dao: ProfileDao) -> None:
    made_at = datetime(2024, 2, 29, 23, 59, 59, 123000, tzinfo=UTC)
    note = '{"by": "é"}'.encode()
    change = a_change(a_key(), operation=Operation.LOAD, made_at=made_at, note=note)
    dao.commit(change)
    assert dao.past(change.key, ALL, 10) == [
        PastVersion(change.version, Operation.LOAD, made_at, note)
    ]


def test_a_change_without_a_note_has_an_empty_one(dao: ProfileDao) -> None:
    dao.commit(a_change(key := a_key()))
    assert [row.note for row in dao.past(key, ALL, 10)] == [b"{}"]


def test_documents_come_when_they_are_asked_for(dao: ProfileDao) -> None:
    one = committed(
        dao, a_change(key := a_key(), attributes={"a": 1}, records={"A": [1], "B": {}})
    )
    dao.commit(a_change(key, one, attributes={"a": 2}, removed=frozenset({"B", "A"})))
    assert [row.document for row in dao.past(key, ALL, 10)] == [None, None]
    assert [row.document for row in dao.past(key, ALL, 10, documents=True)] == [
        b'{"attributes":{"a": 2},"removed":["A","B"]}',
        b'{"attributes":{"a": 1},"extensions":{"A":[1],"B":{}}}',
    ]


def test_past_versions_come_newest_first_by_number(dao: ProfileDao) -> None:
    key = a_profile_of_versions(dao, 12)
    assert [row.version.number for row in dao.past(key, ALL, 100)] == list(range(12, 0, -1))


def test_past_versions_come_from_below_a_number_up_to_a_limit(dao: ProfileDao) -> None:
    key = a_profile_of_versions(dao, 12)
    pages = {below: [row.version.number for row in dao.past(key, below, 3)] for below in range(13)}
    assert pages[12] == [11, 10, 9]
    assert pages[10] == [9, 8, 7]
    assert pages[3] == [2, 1]
    assert pages[1] == pages[0] == []


def test_pasts_of_profiles_and_tenants_are_apart(dao: ProfileDao) -> None:
    one = a_change(a_key())
    dao.commit(one)
    other = a_key(one.key.tenant)
    assert dao.past(other, ALL, 10) == []
    assert dao.past(a_key(one.key.tenant + 10**15), ALL, 10) == []


def test_a_change_that_keeps_no_past_leaves_that_of_others(dao: ProfileDao) -> None:
    one = committed(dao, a_change(key := a_key()))
    dao.commit(a_change(key, one, keep_past_for=0))
    assert [row.version for row in dao.past(key, ALL, 10)] == [one.version]


def test_a_past_version_is_kept_for_its_own_time(dao: ProfileDao) -> None:
    one = committed(dao, a_change(key := a_key(), keep_past_for=3))
    two = committed(dao, a_change(key, one))
    assert len(dao.past(key, ALL, 10)) == 2
    kept = until(lambda: rows if len(rows := dao.past(key, ALL, 10)) < 2 else None)
    assert [row.version for row in kept] == [two.version]

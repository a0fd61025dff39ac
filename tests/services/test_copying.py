"""Copying from either store into either one: all of it, once, whatever comes between."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import stores
from app.dao.base import Dao
from app.dao.errors import OutcomeUnknown
from app.dao.values import PastVersion, State, StoredProfile
from app.services.copying import Copied, Copier
from app.services.cursors import Cursors
from app.services.errors import TransferRefused
from app.services.originals import StoreSource
from app.settings import CassandraStore, EmbeddedStore
from tests.conftest import STORES
from tests.services.faults import Crash, Fault, FaultyDao, HastyDao, Moment, UnfinishedDao
from tests.services.service import KEEP_PAST_FOR, Service
from tests.support.creators import a_tenant
from tests.support.past import past_rows

BANNER = {
    "LastName": "Banner",
    "EmailAddress": ["hulk@marvelous.com"],
    "Address": {"City": "Hollywood"},
    "Phone": [{"PhoneType": 1, "PhoneNumber": "555"}],
}
THREADS = 4


@pytest.fixture(params=STORES)
def target_address(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Of each store one: a file of its own, or the keyspace of the run."""
    if request.param == "embedded":
        address = EmbeddedStore(tmp_path / "target.db")
        stores.migrate(address)
        return address
    return request.getfixturevalue("cassandra_address")


@pytest.fixture
def source_address(target_address: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The other store than the target, so that both directions are tried."""
    if isinstance(target_address, CassandraStore):
        address = EmbeddedStore(tmp_path / "source.db")
        stores.migrate(address)
        return address
    return request.getfixturevalue("cassandra_address")


@pytest.fixture
def source(source_address: Any) -> Iterator[Dao]:
    opened = stores.open_dao(source_address)
    yield opened
    opened.close()


@pytest.fixture
def target(target_address: Any) -> Iterator[Dao]:
    opened = stores.open_dao(target_address)
    yield opened
    opened.close()


@pytest.fixture
def service(source: Dao) -> Service:
    """A tenant at the source."""
    return Service(HastyDao(source), a_tenant())


def copy(service: Service, target: Dao, keep_past_for: int = KEEP_PAST_FOR) -> Copied:
    """Copy the tenant; what was done in all."""
    copier = Copier(StoreSource(service.dao, keep_past_for), target, keep_past_for)
    pages = list(copier.copy(service.tenant, THREADS))
    left = tuple(each for page in pages for each in page.left)
    return Copied(sum(page.met for page in pages), sum(page.copied for page in pages), left)


def content(dao: Dao, service: Service, customer_id: str) -> Any:
    """All that a store has of a profile, but what is its own."""
    key = service.key(customer_id)
    stored = dao.get(key, service.definitions.current(service.tenant).schema.rows, for_change=True)
    assert stored is not None
    past = [_rounded(row) for row in dao.past(key, 2**40, 1000, documents=True)]
    return _bare(stored), past


def _bare(stored: StoredProfile) -> Any:
    parts = (stored.version, stored.state, stored.attributes, dict(stored.extensions))
    return *parts, stored.extension_names, stored.link, stored.merges


def _rounded(row: PastVersion) -> Any:
    at = row.made_at.replace(microsecond=row.made_at.microsecond // 1000 * 1000)
    return row.version, row.operation, at, row.note, row.document


def assert_same(service: Service, target: Dao, *ids: str) -> None:
    for each in ids:
        assert content(target, service, each) == content(service.dao, service, each), each


def test_profiles_are_copied_in_every_state_with_all_versions(
    service: Service, target: Dao
) -> None:
    service.create("one", BANNER)
    service.update("one", {"Title": "Dr"})
    service.insert("one", {"Phone": [{"PhoneType": 2, "PhoneNumber": "777"}]})
    service.update("one", {"Title": "Prof", "Vip": {}})
    service.create("gone", {"LastName": "Gone"})
    service.delete("gone")
    service.create("again", {"LastName": "First", "Vip": {}})
    service.delete("again")
    service.create("again", {"LastName": "Second"})
    service.create("survivor", {"LastName": "A"})
    service.create("merged", {"LastName": "A", "EmailAddress": ["b@c.de"]})
    service.merge("survivor", "merged")
    ids = ("one", "gone", "again", "survivor", "merged")
    assert copy(service, target) == Copied(len(ids), len(ids))
    assert_same(service, target, *ids)
    there = Service(target, service.tenant)
    assert there.query("merged") == service.query("merged")
    assert there.identify("EmailAddress", "b@c.de") == ["survivor"]


def test_a_profile_that_was_never_changed_is_one_commit(service: Service, target: Dao) -> None:
    service.create("one", BANNER)
    counted = FaultyDao(target, Fault(99, Moment.BEFORE, Crash))
    copy(service, counted)
    assert counted.commits == 1
    assert_same(service, target, "one")


def test_copying_again_changes_nothing(service: Service, target: Dao) -> None:
    service.create("one", BANNER)
    service.update("one", {"Title": "Dr"})
    copy(service, target)
    counted = FaultyDao(target, Fault(99, Moment.BEFORE, Crash))
    assert copy(service, counted) == Copied(1, 0)
    assert counted.commits == 0


def test_copying_again_catches_up(service: Service, target: Dao) -> None:
    service.create("one", BANNER)
    copy(service, target)
    service.update("one", {"Title": "Dr", "Vip": {}})
    service.update("one", {"Title": "Prof"})
    service.create("two", BANNER | {"EmailAddress": []})
    assert copy(service, target) == Copied(2, 2)
    assert_same(service, target, "one", "two")


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("step", [1, 2, 3, 4])
@pytest.mark.parametrize("error", [Crash, OutcomeUnknown])
def test_a_copy_that_died_at_any_step_is_seen_by_nobody_and_goes_on(
    service: Service, target: Dao, moment: Moment, step: int, error: type[BaseException]
) -> None:
    service.create("one", BANNER)
    service.update("one", {"EmailAddress": ["hulk@marvelous.com"]})
    service.update("one", {"Title": "Dr", "EmailAddress": ["hulk@marvelous.com"]})
    with pytest.raises(error):
        copy(service, FaultyDao(target, Fault(step, moment, error)))
    there = Service(target, service.tenant)
    complete = step == 4 and moment is Moment.AFTER
    assert (there.query("one") is not None) is complete
    copy(service, target)
    assert_same(service, target, "one")
    assert there.identify("EmailAddress", "hulk@marvelous.com") == ["one"]


def test_a_unique_value_that_went_to_another_profile_follows_it(
    service: Service, target: Dao
) -> None:
    for number in range(6):
        service.create(f"p{number}", {"EmailAddress": [f"{number}@b.de"]})
    copy(service, target)
    service.update("p0", {})
    for number in range(1, 6):
        service.update(f"p{number}", {"EmailAddress": [f"{number - 1}@b.de"]})
    assert copy(service, target) == Copied(6, 6)
    there = Service(target, service.tenant)
    assert [there.identify("EmailAddress", f"{n}@b.de") for n in range(5)] == [
        [f"p{number}"] for number in range(1, 6)
    ]


def test_what_was_changed_in_the_target_is_left_and_told(service: Service, target: Dao) -> None:
    service.create("one", BANNER)
    copy(service, target)
    there = Service(target, service.tenant)
    there.update("one", {"Title": "there"})
    there.create("two", {})
    service.create("two", {"Title": "here"})
    service.update("two", {"Title": "here too"})
    done = copy(service, target)
    assert {each.customer_id: each.why for each in done.left} == {
        "one": "was changed in the target",
        "two": "was changed in the target",
    }
    assert (done.met, done.copied) == (2, 0)


def test_a_unique_value_that_another_profile_of_the_target_has_is_told(
    service: Service, target: Dao
) -> None:
    service.create("one", BANNER)
    copy(service, target)
    service.update("one", {})
    Service(target, service.tenant).create("taker", {"EmailAddress": ["x@y.de"]})
    service.create("two", {"EmailAddress": ["x@y.de"]})
    (left,) = copy(service, target).left
    assert (left.customer_id, "unique key" in left.why) == ("two", True)


def test_a_merge_that_was_left_unfinished_is_settled_first(service: Service, target: Dao) -> None:
    service.create("a", {"LastName": "A"})
    service.create("b", {"LastName": "A"})
    dying = Service(UnfinishedDao(service.dao, service.key("b")), service.tenant)
    with pytest.raises(Crash):
        dying.merge("a", "b")
    assert service.stored("b").state is State.MERGING
    copy(service, target)
    assert_same(service, target, "a", "b")
    assert service.stored("b").state is State.ALIAS


def test_without_kept_versions_the_present_one_is_copied(service: Service, target: Dao) -> None:
    service.create("one", BANNER)
    service.update("one", {"Title": "Dr"})
    copy(service, target, keep_past_for=0)
    there, past = content(target, service, "one")
    assert there == content(service.dao, service, "one")[0]
    assert past == []


def test_many_versions_of_one_profile_are_all_copied(
    service: Service, target: Dao, target_address: Any, source_address: Any
) -> None:
    service.create("one", {})
    for number in range(25):
        service.update("one", {"Title": str(number)})
    copy(service, target)
    rows = past_rows(target_address, service.key("one"))
    assert rows == past_rows(source_address, service.key("one"))
    assert len(rows) == 26


def test_a_tenant_without_a_definition_is_none(service: Service, target: Dao) -> None:
    with pytest.raises(TransferRefused, match="There is no tenant"):
        copy(service, target)


def test_another_definition_in_the_target_is_refused(service: Service, target: Dao) -> None:
    service.create("one", {})
    copy(service, target)
    service.add_extension({"name": "Gold", "type": "classifier"})
    with pytest.raises(TransferRefused, match="another definition in the target"):
        copy(service, target)


def test_a_tenant_with_unfinished_jobs_is_refused(service: Service, target: Dao) -> None:
    service.create("one", {})
    service.add_key({"name": "by_title", "attributes": ["Title"]})
    with pytest.raises(TransferRefused, match="background jobs"):
        copy(service, target)


def test_a_definition_that_changes_meanwhile_is_told_at_the_end(
    service: Service, target: Dao
) -> None:
    service.create("one", {})
    source = StoreSource(service.dao, KEEP_PAST_FOR)
    pages = Copier(source, target, KEEP_PAST_FOR).copy(service.tenant, THREADS)
    next(pages)
    service.add_extension({"name": "Gold", "type": "classifier"})
    with pytest.raises(TransferRefused, match="was changed while it was read"):
        list(pages)


def test_tenants_are_those_with_a_definition(service: Service) -> None:
    service.create("one", {})
    assert service.tenant in StoreSource(service.dao, KEEP_PAST_FOR).tenants()


def test_cursors_of_the_source_stay_good_unless_the_target_has_given_out_some(
    target: Dao, tmp_path: Path
) -> None:
    source, empty = (opened(tmp_path / name) for name in ("from.db", "empty.db"))
    cursor = Cursors(source).sign(1, "question", 5)
    Copier(StoreSource(source, 0), empty, 0).copy_secret()
    assert Cursors(empty).read(1, "question", cursor) == 5
    own = Cursors(target).sign(1, "question", 7)
    Copier(StoreSource(source, 0), target, 0).copy_secret()
    assert Cursors(target).read(1, "question", own) == 7


def opened(path: Path) -> Dao:
    """A fresh embedded store."""
    stores.migrate(EmbeddedStore(path))
    return stores.open_dao(EmbeddedStore(path))

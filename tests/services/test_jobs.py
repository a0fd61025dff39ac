"""The background jobs: complete and exact when they say so, whoever does them."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from threading import Event
from uuid import uuid4

import pytest

from app.dao.base import Dao
from app.services import job_runner
from app.services.errors import KeyIncomplete, ProfileExists, ProfileNotFound, UniqueKeyTaken
from app.services.jobs import FINISHED, Job, JobKind, JobState
from tests.contract.steps import until
from tests.services.faults import Crash, HastyDao, InterruptedReads, SteppedDao, UnfinishedDao
from tests.services.service import DEFAULT, Service
from tests.support.creators import a_tenant

PROFILES = 150
WRITERS = 3
TITLES = [f"title {number}" for number in range(12)]
BY_TITLE = {"name": "by_title", "attributes": ["Title"]}
ONE_EMAIL = {"name": "one_email", "attributes": ["EmailAddress"], "unique": True}
NOTE = {
    "name": "Note",
    "type": "single-valued",
    "attributes": [{"name": "text", "type": "string"}],
}
OTHER = NOTE | {"name": "Other"}


@pytest.fixture
def tenant() -> int:
    return a_tenant()


@pytest.fixture
def service(dao: Dao, tenant: int) -> Service:
    """A tenant whose definition is stored."""
    made = Service(HastyDao(dao), tenant, DEFAULT)
    made.create("first", {"LastName": "first"})
    return made


@contextmanager
def running(*services: Service) -> Iterator[None]:
    """Their job runners at work."""
    with ExitStack() as stack:
        for each in services:
            each.runner.start()
            stack.callback(each.runner.stop)
        yield


def finished(service: Service, job_id: str) -> Job:
    def found() -> Job | None:
        job = service.job(job_id)
        return job if job.state in FINISHED else None

    return until(found)


def create_many(service: Service, count: int) -> list[str]:
    ids = [f"c{number}" for number in range(count)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: service.create(each, {"Title": _a_title()}), ids))
    return ids


def _a_title() -> str:
    return random.choice(TITLES)


def stored_titles(service: Service) -> dict[str, list[str]]:
    """Who has each title, by a scan of all profiles."""
    owners, start = defaultdict[str, list[str]](list), None
    while True:
        page = service.dao.scan(service.tenant, start, 500)
        for customer_id in page.customer_ids:
            found = service.query(customer_id)
            if found and "Title" in found[1]:
                owners[found[1]["Title"]].append(customer_id)
        start = page.next
        if start is None:
            return {title: sorted(ids) for title, ids in owners.items()}


def assert_complete(service: Service, titles: Iterable[str] = TITLES) -> None:
    owners = stored_titles(service)
    for title in titles:
        assert service.identify("Title", title, "by_title") == owners.get(title, [])


def write_until(done: Event, service: Service, ids: list[str]) -> int:
    """Update, delete and create profiles; how many writes were answered."""
    writes = 0
    while not done.is_set():
        one = random.choice(ids)
        with suppress(ProfileNotFound, ProfileExists):
            random.choice([_update, _update, _update, _delete, _create])(service, one)
            writes += 1
    return writes


def _update(service: Service, customer_id: str) -> None:
    service.update(customer_id, {"Title": _a_title()})


def _delete(service: Service, customer_id: str) -> None:
    service.delete(customer_id)


def _create(service: Service, customer_id: str) -> None:
    service.create(customer_id, {"Title": _a_title()})


def test_a_key_built_while_others_write_finds_just_what_is_stored(dao: Dao, tenant: int) -> None:
    service, done = Service(dao, tenant, DEFAULT), Event()
    ids = create_many(service, PROFILES)
    with running(service), ThreadPoolExecutor(WRITERS) as pool:
        writers = [
            pool.submit(write_until, done, Service(dao, tenant, DEFAULT), ids)
            for _ in range(WRITERS)
        ]
        try:
            job_id = service.add_key(BY_TITLE)
            with pytest.raises(KeyIncomplete):
                service.identify("Title", TITLES[0], "by_title")
            job = finished(service, job_id)
        finally:
            done.set()
        assert all(each.result() > 0 for each in writers)
    assert (job.state, job.conflicts) == (JobState.DONE, 0)
    assert_complete(service)


def test_a_job_goes_on_in_another_runner_where_the_first_one_stopped(
    dao: Dao, service: Service, tenant: int
) -> None:
    ids = create_many(service, 3 * job_runner.PROFILES_PER_PAGE)
    reached, stopped = Event(), Event()

    def step(commits: int) -> None:
        if commits == job_runner.PROFILES_PER_PAGE // 2:
            reached.set()
            assert stopped.wait(10)

    first = Service(SteppedDao(dao, step), tenant, DEFAULT)
    job_id = service.add_key(BY_TITLE)
    with ThreadPoolExecutor(1) as pool, running(first):
        assert reached.wait(20)
        stopping = pool.submit(first.runner.stop)
        until(lambda: first.runner._background.stopping or None)
        stopped.set()
        stopping.result()
    left = service.job(job_id)
    assert left.state is JobState.RUNNING
    assert 0 < left.profiles < len(ids)
    with running(service):
        job = finished(service, job_id)
    assert (job.state, job.profiles) == (JobState.DONE, len(ids) + 1)
    assert_complete(service)


def test_two_runners_at_once_do_every_job_once(dao: Dao, service: Service, tenant: int) -> None:
    ids = create_many(service, 20)
    other = Service(HastyDao(dao), tenant, DEFAULT)
    job_id = service.add_key(BY_TITLE)
    with running(service, other):
        job = finished(service, job_id)
    assert (job.state, job.profiles) == (JobState.DONE, len(ids) + 1)
    assert_complete(service)


def test_a_unique_key_with_duplicates_fails_until_they_are_mended(service: Service) -> None:
    for each in "abc":
        service.create(each, {"EmailAddress": "same@example.com"})
    with running(service):
        job = finished(service, service.add_key(ONE_EMAIL))
        assert (job.state, job.conflicts) == (JobState.FAILED, 2)
        assert len(job.examples) == 2
        assert set(job.examples) < set("abc")
        with pytest.raises(KeyIncomplete):
            service.identify("EmailAddress", "same@example.com", "one_email")
        assert service.identify("EmailAddress", "same@example.com") == ["a", "b", "c"]
        assert finished(service, service.remove_key("one_email")).state is JobState.DONE
        for each in job.examples:
            service.update(each, {"EmailAddress": f"{each}@example.com"})
        job = finished(service, service.add_key(ONE_EMAIL))
    assert (job.state, job.conflicts) == (JobState.DONE, 0)
    (owner,) = service.identify("EmailAddress", "same@example.com", "one_email")
    assert owner in "abc"
    with pytest.raises(UniqueKeyTaken):
        service.create("thief", {"EmailAddress": "same@example.com"})


def test_an_unfinished_merge_is_no_conflict_of_a_unique_key(dao: Dao, service: Service) -> None:
    for each in "ab":
        service.create(each, {"EmailAddress": f"{each}@example.com"})
    unfinished = UnfinishedDao(dao, service.key("b"))
    with pytest.raises(Crash):
        Service(unfinished, service.tenant, DEFAULT).merge("a", "b")
    with running(service):
        job = finished(service, service.add_key(ONE_EMAIL))
    assert (job.state, job.conflicts) == (JobState.DONE, 0)
    assert service.identify("EmailAddress", "b@example.com", "one_email") == ["a"]


def test_records_of_a_removed_extension_are_out_of_sight_then_gone(
    dao: Dao, service: Service, tenant: int
) -> None:
    service.add_extension(NOTE)
    ids = create_many(service, 10)
    for each in ids:
        service.insert(each, {"Note": {"text": "old"}})
    old_row = _row_of_note(service)
    job_id = service.remove_extension("Note")
    service.add_extension(NOTE)
    _assert_notes(service, ids, None)
    service.insert(ids[0], {"Note": {"text": "new"}})
    assert service.dao.get(service.key(ids[1]), [old_row]) is not None
    with running(service):
        assert finished(service, job_id).state is JobState.DONE
    for each in ids:
        stored = service.dao.get(service.key(each), [old_row], for_change=True)
        assert stored is not None
        assert old_row not in stored.extensions
        assert old_row not in (stored.extension_names or ())
    other = Service(dao, tenant, DEFAULT)
    _assert_notes(other, ids[:1], {"text": "new"})
    _assert_notes(other, ids[1:], None)


def _row_of_note(service: Service) -> str:
    return service.definitions.refreshed(service.tenant).schema.stored_name("Note")


def _assert_notes(service: Service, ids: list[str], note: object) -> None:
    for each in ids:
        found = service.query(each)
        assert found is not None
        assert found[1].get("Note") == note


def test_removing_one_extension_leaves_another_that_is_added_meanwhile(
    dao: Dao, service: Service, tenant: int
) -> None:
    service.add_extension(NOTE)
    service.insert("first", {"Note": {"text": "old"}})

    def meanwhile() -> None:
        other = Service(dao, tenant, DEFAULT)
        other.add_extension(OTHER)
        other.insert("first", {"Other": {"text": "acknowledged"}})

    job_id = service.remove_extension("Note")
    worker = Service(InterruptedReads(dao, meanwhile), tenant, DEFAULT)
    with running(worker):
        assert finished(service, job_id).state is JobState.DONE
    found = Service(dao, tenant, DEFAULT).query("first")
    assert found == ("first", {"LastName": "first", "Other": {"text": "acknowledged"}})


@pytest.mark.parametrize("kind", JobKind)
@pytest.mark.parametrize("overtaken", [False, True])
def test_a_job_whose_change_of_the_definition_never_came_does_no_harm(
    service: Service, monkeypatch: pytest.MonkeyPatch, kind: JobKind, *, overtaken: bool
) -> None:
    monkeypatch.setattr(job_runner, "GIVE_UP_SECONDS", 0.0)
    service.insert("first", {"Phone": {"PhoneNumber": "12"}})
    name = "Phone" if kind is JobKind.REMOVE_EXTENSION else "ext_phone"
    number = service.definitions.refreshed(service.tenant).number + 1
    lost = Job(id=uuid4().hex, tenant=service.tenant, kind=kind, name=name, revision=number)
    service.jobs.create(lost)
    if overtaken:
        service.add_extension(OTHER)
    with running(service):
        job = finished(service, lost.id)
    assert job.conflicts == 0
    assert (job.state is JobState.FAILED) is (not overtaken or kind is JobKind.BUILD_KEY)
    found = service.query("first")
    assert found is not None
    assert found[1]["Phone"][0]["PhoneNumber"] == "12"
    assert service.identify("Phone.PhoneNumber", "12", "ext_phone") == ["first"]

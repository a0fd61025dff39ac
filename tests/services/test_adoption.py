"""Having another definition, whole: in one revision, with the jobs that do the rest."""

from dataclasses import replace
from typing import Any

import pytest

from app.dao.base import Dao
from app.services.errors import ChangeConflicts, ChangeRefused, KeyIncomplete
from app.services.jobs import JobKind, JobState
from schemas.definition import Definition
from schemas.reader import load_definition
from schemas.writing import public_definition
from tests.services.faults import HastyDao
from tests.services.service import DEFAULT, Service
from tests.services.test_jobs import finished, running
from tests.support.creators import a_tenant

BASE: dict[str, Any] = public_definition(DEFAULT)
BY_TITLE = {"name": "by_title", "attributes": ["Title"]}


@pytest.fixture
def service(dao: Dao) -> Service:
    made = Service(HastyDao(dao), a_tenant(), DEFAULT)
    made.create("one", {"Title": "Dr", "LastName": "Banner", "Vip": {}})
    made.create("two", {"Title": "Dr"})
    return made


def with_keys(*keys: dict[str, Any]) -> Definition:
    return load_definition(BASE | {"identification_keys": [*BASE["identification_keys"], *keys]})


def without_vip() -> Definition:
    return load_definition(BASE | {"extensions": BASE["extensions"][:-1]})


def test_what_is_in_force_already_makes_no_revision(service: Service) -> None:
    adopted = service.adopt(DEFAULT)
    assert (adopted.revision.number, adopted.differences, adopted.jobs) == (1, (), ())


def test_many_changes_are_one_revision_and_each_key_is_filled(service: Service) -> None:
    wanted = replace(with_keys(BY_TITLE), attributes=(*DEFAULT.attributes[1:],))
    wanted = load_definition(
        public_definition(wanted)
        | {"identification_keys": [*BASE["identification_keys"][:2], BY_TITLE]}
    )
    adopted = service.adopt(wanted, force=True)
    assert adopted.revision.number == 2
    assert len(adopted.jobs) == 3
    with running(service):
        jobs = [finished(service, each) for each in adopted.jobs]
    assert {(job.kind, job.name, job.state) for job in jobs} == {
        (JobKind.BUILD_KEY, "by_title", JobState.DONE),
        (JobKind.REMOVE_KEY, "name_birth", JobState.DONE),
        (JobKind.REMOVE_KEY, "ext_phone", JobState.DONE),
    }
    assert sorted(service.identify("Title", "Dr")) == ["one", "two"]
    assert service.adopt(wanted).differences == ()


def test_what_stored_profiles_do_not_fit_is_refused_and_counted(service: Service) -> None:
    with pytest.raises(ChangeConflicts) as refused:
        service.adopt(without_vip())
    assert (refused.value.report["profiles"], refused.value.report["invalid"]) == (2, 1)
    assert service.adopt(DEFAULT).revision.number == 1


def test_by_force_an_extension_goes_with_its_records(service: Service) -> None:
    (job,) = service.adopt(without_vip(), force=True).jobs
    with running(service):
        assert finished(service, job).state is JobState.DONE
    assert service.stored("one").extension_names == frozenset()


def test_what_would_lose_information_is_refused_also_by_force(service: Service) -> None:
    attributes = [{"name": "Title", "type": "long"}]
    wanted = load_definition({"attributes": attributes})
    with pytest.raises(ChangeRefused) as refused:
        service.adopt(wanted, force=True)
    assert [fault.pointer for fault in refused.value.faults] == ["/attributes/0/type"]


def test_a_plan_tells_without_changing_anything(service: Service) -> None:
    plan = service.plan(without_vip())
    assert (plan.narrowing, plan.report.invalid, len(plan.differences)) == (True, 1, 1)
    assert service.adopt(DEFAULT).revision.number == 1


def test_a_key_that_could_not_be_built_is_built_when_it_is_adopted_again(
    service: Service,
) -> None:
    wanted = with_keys(BY_TITLE | {"unique": True})
    (failed,) = service.adopt(wanted).jobs
    with running(service):
        assert finished(service, failed).state is JobState.FAILED
        with pytest.raises(KeyIncomplete):
            service.identify("Title", "Dr")
        service.update("two", {"Title": "Prof"})
        (job,) = service.adopt(wanted).jobs
        assert finished(service, job).state is JobState.DONE
    assert service.identify("Title", "Dr") == ["one"]


def test_a_key_that_is_just_being_built_is_not_begun_again(service: Service) -> None:
    assert service.adopt(with_keys(BY_TITLE)).jobs
    assert service.adopt(with_keys(BY_TITLE)).jobs == ()

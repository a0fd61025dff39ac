"""Operations that are done once: a process dies, or an answer is lost, and they are repeated."""

from contextlib import suppress
from itertools import product
from typing import Any
from uuid import uuid4

import pytest

from app.dao.base import Dao
from app.dao.errors import OutcomeUnknown
from app.dao.values import Once
from app.services import merges, profiles
from app.services.errors import AlreadyDone, StoreBusy
from tests.contract.steps import until
from tests.services.faults import ERRORS, Crash, Fault, FaultyDao, Moment
from tests.services.service import Service
from tests.support.creators import a_tenant

BOTH = {"PhoneNumber": ["1", "2"], "Phone": [{"PhoneType": 0, "PhoneNumber": "3"}]}


def a_once() -> Once:
    return Once(uuid4().hex, uuid4().hex)


@pytest.mark.parametrize("fault", [Fault(1, *parts) for parts in product(Moment, ERRORS)], ids=str)
def test_a_write_whose_process_died_is_done_by_its_repeat(dao: Dao, fault: Fault) -> None:
    tenant, order = a_tenant(), profiles.Order(once=a_once())
    Service(dao, tenant).create("bruce", {})
    records: dict[str, Any] = {"Phone": [{"PhoneNumber": "1"}]}
    with suppress(Crash, OutcomeUnknown):
        Service(FaultyDao(dao, fault), tenant).insert("bruce", records, order)
    service = Service(dao, tenant)
    if fault.moment is Moment.BEFORE:
        service.insert("bruce", records, order)
    with pytest.raises(AlreadyDone) as done:
        service.insert("bruce", records, order)
    assert done.value.receipt.version.number == 2
    assert service.stored("bruce").version == done.value.receipt.version


@pytest.mark.parametrize(
    "fault", [Fault(*parts) for parts in product((1, 2, 3), Moment, ERRORS)], ids=str
)
def test_a_merge_whose_process_died_is_done_by_its_repeat(dao: Dao, fault: Fault) -> None:
    tenant, order = a_tenant(), merges.Order(once=a_once())
    service = Service(dao, tenant)
    service.create("into", {"PhoneNumber": ["1"]})
    service.create("from", {"PhoneNumber": ["2"], "Phone": BOTH["Phone"]})
    with suppress(Crash, OutcomeUnknown):
        Service(FaultyDao(dao, fault), tenant).merge("into", "from", order)

    def repeated() -> AlreadyDone | None:
        """It waits for the end of the lease of a merge that was left half done."""
        try:
            service.merge("into", "from", order)
        except AlreadyDone as done:
            return done
        except StoreBusy:
            return None
        return None

    done = until(repeated)
    assert service.stored("into").version == done.receipt.version
    assert done.receipt.version.number == 2
    assert service.query("from") == service.query("into") == ("into", BOTH)

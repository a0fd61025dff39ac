"""What a store tells of itself: its connections, and what became of writes without an answer."""

from uuid import uuid4

import pytest

from app.dao.base import Dao
from app.dao.errors import OutcomeUnknown, VersionConflict
from app.dao.values import DocumentKey
from app.settings import CassandraStore, StoreAddress
from app.stores import open_dao
from tests.contract.test_lost_answers import LossyConnection, connection, lossy
from tests.support.creators import a_change, a_key, a_tenant
from tests.support.metrics import counting

__all__ = ["connection", "lossy"]
UNANSWERED = "profiles_unanswered_writes_total"


def test_connections_are_told_from_the_first_use_to_the_end(address: StoreAddress) -> None:
    dao = open_dao(address)
    assert sum(pool.connections for pool in dao.pools()) == 0
    dao.get(a_key())
    pools = dao.pools()
    assert sum(pool.connections for pool in pools) >= 1
    in_flight = {pool.in_flight for pool in pools}
    assert in_flight == ({0} if isinstance(address, CassandraStore) else {None})
    dao.close()
    assert sum(pool.connections for pool in dao.pools()) == 0


def test_a_write_that_was_applied_is_counted_so(lossy: Dao, connection: LossyConnection) -> None:
    connection.losses = ["answer"]
    with counting(UNANSWERED, 1, write="profile", found="applied"):
        lossy.commit(a_change(a_key()))


def test_a_write_that_another_came_before_is_counted_as_refused(
    lossy: Dao, connection: LossyConnection
) -> None:
    change, connection.losses = a_change(a_key()), ["request"]
    connection.meanwhile = [a_change(change.key)]
    with counting(UNANSWERED, 1, write="profile", found="refused"):
        with pytest.raises(VersionConflict):
            lossy.commit(change)


def test_a_write_that_cannot_be_found_out_is_counted_as_open(
    lossy: Dao, connection: LossyConnection
) -> None:
    connection.losses = ["request", "request"]
    with counting(UNANSWERED, 1, write="profile", found="open"):
        with pytest.raises(OutcomeUnknown):
            lossy.commit(a_change(a_key()))


@pytest.mark.parametrize(
    ("losses", "found"), [(["answer"], "applied"), (["request", "request"], "open")]
)
def test_a_document_without_an_answer_is_counted_too(
    lossy: Dao, connection: LossyConnection, losses: list[str], found: str
) -> None:
    connection.losses = losses
    key = DocumentKey(a_tenant(), "kind")
    with counting(UNANSWERED, 1, write="document", found=found):
        try:
            lossy.put_document(key, b"1", expected=None, tag=uuid4())
        except OutcomeUnknown:
            assert found == "open"

"""Conditional writes to Cassandra whose answer is lost: the outcome is found out."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from math import inf
from typing import Any
from uuid import uuid4

import pytest

from app.dao.base import Dao, ProfileDao
from app.dao.cassandra import profiles
from app.dao.cassandra.connection import Connection
from app.dao.cassandra.dao import CassandraDao
from app.dao.errors import OutcomeUnknown, StoreUnavailable, VersionConflict
from app.dao.values import Change, DocumentKey, Once, StoredDocument
from app.settings import CassandraStore
from tests.contract.steps import committed, read
from tests.support.creators import a_change, a_key, a_tenant


class LossyConnection(Connection):
    """Loses what the test asks for, in this order, and does meanwhile what it asks for.

    ``request``: the batch never arrives. ``answer``: it is applied, and no one is told.
    ``late``: it arrives just before the next one. ``refusal``: the node is not there at all.
    """

    def __init__(self, address: CassandraStore) -> None:
        super().__init__(address)
        self.losses: list[str] = []
        self.meanwhile: list[Change] = []
        self.late: list[Any] = []
        self.deaf = False

    def apply(self, batch: Any) -> dict[str, Any] | None:
        loss = self.losses.pop(0) if self.losses else "nothing"
        while self.late:
            super().apply(self.late.pop())
            self._do_meanwhile()
        if loss == "refusal":
            raise StoreUnavailable("no node is there")
        if loss == "late":
            self.late.append(batch)
        answer = super().apply(batch) if loss in {"answer", "nothing"} else None
        if loss == "nothing":
            return answer
        if loss != "late":
            self._do_meanwhile()
        raise OutcomeUnknown(f"the {loss} was lost")

    def read(self, *arguments: Any) -> list[Any]:
        if self.deaf:
            raise StoreUnavailable("no node is there")
        return super().read(*arguments)

    def _do_meanwhile(self) -> None:
        if self.meanwhile:
            CassandraDao(self).commit(self.meanwhile.pop())


@pytest.fixture
def connection(cassandra_address: CassandraStore) -> Iterator[LossyConnection]:
    opened = LossyConnection(cassandra_address)
    yield opened
    opened.close()


@pytest.fixture
def lossy(connection: LossyConnection) -> Dao:
    return CassandraDao(connection)


@pytest.mark.parametrize("losses", [["answer"], ["request"], ["late"], ["late", "request"], []])
def test_a_write_is_applied_once_whatever_was_lost(
    lossy: ProfileDao, connection: LossyConnection, losses: list[str]
) -> None:
    change = a_change(a_key())
    connection.losses = losses
    lossy.commit(change)
    stored = lossy.get(change.key)
    assert stored is not None
    assert stored.version == change.version


def test_an_applied_write_is_found_under_a_later_one(
    lossy: ProfileDao, connection: LossyConnection
) -> None:
    change = a_change(a_key())
    connection.meanwhile = [a_change(change.key, change.version)]
    connection.losses = ["answer"]
    lossy.commit(change)
    stored = lossy.get(change.key)
    assert stored is not None
    assert stored.version.number == 2


def test_a_lost_request_that_another_write_came_before_is_a_conflict(
    lossy: ProfileDao, connection: LossyConnection
) -> None:
    change, other = (a_change(key) for key in [a_key()] * 2)
    connection.meanwhile = [other]
    connection.losses = ["request"]
    with pytest.raises(VersionConflict):
        lossy.commit(change)
    stored = lossy.get(change.key)
    assert stored is not None
    assert stored.version == other.version


def test_without_past_rows_an_overwritten_write_without_answer_is_unknown(
    lossy: ProfileDao, connection: LossyConnection
) -> None:
    change = a_change(a_key(), keep_past_for=0)
    connection.meanwhile = [a_change(change.key, change.version)]
    connection.losses = ["answer"]
    with pytest.raises(OutcomeUnknown):
        lossy.commit(change)


@pytest.mark.parametrize("loss", ["answer", "request"])
def test_a_receipt_tells_too_where_no_past_is_kept(
    lossy: ProfileDao, connection: LossyConnection, loss: str
) -> None:
    change = a_change(a_key(), keep_past_for=0, once=Once("name", "request"))
    before = change.version if loss == "answer" else None
    connection.meanwhile = [a_change(change.key, before)]
    connection.losses = [loss]
    with nullcontext() if loss == "answer" else pytest.raises(VersionConflict):
        lossy.commit(change)


def test_a_write_that_is_lost_twice_is_unknown(
    lossy: ProfileDao, connection: LossyConnection
) -> None:
    connection.losses = ["request", "request"]
    with pytest.raises(OutcomeUnknown):
        lossy.commit(a_change(a_key()))


def test_a_late_write_is_found_under_one_that_came_before_its_resend(
    lossy: ProfileDao, connection: LossyConnection
) -> None:
    change = a_change(a_key())
    connection.meanwhile = [a_change(change.key, change.version)]
    connection.losses = ["late"]
    lossy.commit(change)
    stored = lossy.get(change.key)
    assert stored is not None
    assert stored.version.number == 2


def test_without_past_rows_a_late_write_under_another_is_unknown(
    lossy: ProfileDao, connection: LossyConnection
) -> None:
    change = a_change(a_key(), keep_past_for=0)
    connection.meanwhile = [a_change(change.key, change.version)]
    connection.losses = ["late"]
    with pytest.raises(OutcomeUnknown):
        lossy.commit(change)


def test_a_write_that_was_never_sent_is_not_unknown(
    lossy: ProfileDao, connection: LossyConnection
) -> None:
    connection.losses = ["refusal"]
    with pytest.raises(StoreUnavailable) as raised:
        lossy.commit(a_change(a_key()))
    assert not isinstance(raised.value, OutcomeUnknown)


@pytest.mark.parametrize("losses", [["late", "refusal"], ["request", "refusal"]])
def test_a_write_that_may_come_late_is_unknown_when_its_resend_finds_no_node(
    lossy: ProfileDao, connection: LossyConnection, losses: list[str]
) -> None:
    connection.losses = losses
    with pytest.raises(OutcomeUnknown):
        lossy.commit(a_change(a_key()))


def test_a_write_without_answer_is_unknown_when_the_store_cannot_be_asked(
    lossy: ProfileDao, connection: LossyConnection
) -> None:
    connection.losses = ["answer"]
    connection.deaf = True
    with pytest.raises(OutcomeUnknown):
        lossy.commit(a_change(a_key()))


@pytest.mark.parametrize("loss", ["answer", "request"])
def test_a_renewal_without_answer_is_unknown_and_can_be_repeated(
    lossy: ProfileDao, connection: LossyConnection, loss: str
) -> None:
    stored = committed(lossy, a_change(key := a_key()))
    renewal = replace(a_change(key, stored), version=stored.version)
    connection.losses = [loss]
    with pytest.raises(OutcomeUnknown):
        lossy.commit(renewal)
    after = committed(lossy, replace(renewal, basis=read(lossy, key).basis))
    assert after.version == stored.version


def test_a_write_is_not_sent_again_under_a_definition_that_is_not_in_force(
    lossy: ProfileDao, connection: LossyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "SEND_SECONDS", inf)
    change = a_change(a_key(), definition=uuid4())
    connection.losses = ["request"]
    with pytest.raises(OutcomeUnknown):
        lossy.commit(change)
    assert lossy.get(change.key) is None


@pytest.mark.parametrize("losses", [["answer"], ["request"], ["late"], ["request", "answer"]])
def test_a_document_is_written_once_whatever_was_lost(
    lossy: Dao, connection: LossyConnection, losses: list[str]
) -> None:
    key, tag = DocumentKey(a_tenant(), "kind"), uuid4()
    connection.losses = losses
    lossy.put_document(key, b"1", expected=None, tag=tag)
    assert lossy.get_document(key) == StoredDocument("", tag, b"1")


@pytest.mark.parametrize("losses", [["request", "request"], ["request", "refusal"]])
def test_a_document_that_is_lost_twice_is_unknown(
    lossy: Dao, connection: LossyConnection, losses: list[str]
) -> None:
    connection.losses = losses
    with pytest.raises(OutcomeUnknown):
        lossy.put_document(DocumentKey(a_tenant(), "kind"), b"1", expected=None, tag=uuid4())


def test_a_document_that_another_writer_changed_meanwhile_is_unknown(
    lossy: Dao, connection: LossyConnection
) -> None:
    key, tag = DocumentKey(a_tenant(), "kind"), uuid4()
    lossy.put_document(key, b"1", expected=None, tag=tag)
    connection.losses = ["request"]
    with pytest.raises(OutcomeUnknown):
        lossy.put_document(key, b"2", expected=None, tag=uuid4())
    assert lossy.get_document(key) == StoredDocument("", tag, b"1")


def test_a_document_is_unknown_when_the_store_cannot_be_asked(
    lossy: Dao, connection: LossyConnection
) -> None:
    connection.losses = ["request"]
    connection.deaf = True
    with pytest.raises(OutcomeUnknown):
        lossy.put_document(DocumentKey(a_tenant(), "kind"), b"1", expected=None, tag=uuid4())

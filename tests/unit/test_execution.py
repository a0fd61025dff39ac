"""The order in which nodes are asked."""

import pytest
from cassandra.cluster import Cluster
from cassandra.connection import DefaultEndPoint
from cassandra.policies import SimpleConvictionPolicy
from cassandra.pool import Host

from app.dao.cassandra import execution
from app.dao.cassandra.execution import AnsweringFirst

A, B, C = (
    Host(DefaultEndPoint(f"127.0.0.{number}"), SimpleConvictionPolicy, "here")
    for number in range(3)
)


@pytest.fixture
def policy() -> AnsweringFirst:
    """For A, B and C, which come in turn where no partition says otherwise."""
    made = AnsweringFirst("here")
    made.populate(Cluster(), [A, B, C])
    return made


def test_the_node_that_was_silent_last_comes_last(policy: AnsweringFirst) -> None:
    policy.put_last([B])
    assert {policy.make_query_plan()[-1] for _ in range(3)} == {B}
    policy.put_last([C])
    policy.put_last([A])
    assert [policy.make_query_plan() for _ in range(3)] == [[B, C, A]] * 3


def test_a_node_is_not_silent_for_ever(
    policy: AnsweringFirst, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy.put_last([A])
    monkeypatch.setattr(execution, "_SILENT_SECONDS", 0)
    assert {policy.make_query_plan()[0] for _ in range(3)} == {A, B, C}

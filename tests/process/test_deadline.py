"""A request that cannot be answered in time ends as 503, and the store is left alone."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from app import stores
from app.dao.embedded.connection import connect
from app.settings import CassandraStore, EmbeddedStore, store_address
from local_cassandra.node import Node
from tests.process.test_overload import locked
from tests.support.cassandra import local_node
from tests.support.server import Answer, Service, serving, wait_until
from tests.support.wire import POST, wires

DEADLINE = {"PROFILES_DEADLINE": "0.5", "PROFILES_WORKERS": "1"}
MINE = {"FirstName": "Bruce"}


def assert_late(answer: Answer, code: str = "deadline_exceeded") -> None:
    assert (answer.status, answer.json["code"]) == (503, code)
    assert answer.headers["Retry-After"] == "1"


def test_a_write_that_waits_for_a_locked_file_is_given_up(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    other = connect(embedded_address.path)
    with serving(embedded_address, tmp_path, **DEADLINE) as service:
        other.execute("BEGIN IMMEDIATE")
        assert_late(service.send("PUT", "/profiles/late", MINE, If_None_Match="*"))
        assert service.send("GET", "/profiles/late").status == 404
        other.execute("ROLLBACK")
        assert service.send("PUT", "/profiles/late", MINE, If_None_Match="*").status == 201
        assert service.send("DELETE", "/profiles/late").status == 200
    other.close()


def test_time_in_which_a_request_waits_for_others_counts(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    """Those that wait for a place have no more time than those that have one."""
    settings = {"PROFILES_DEADLINE": "4", "PROFILES_WORKERS": "1"}
    with serving(embedded_address, tmp_path, **settings) as service, wires(service, 200) as sent:
        with locked(embedded_address):
            for each in sent:
                each.send(POST)
            codes = [each.receive().json["code"] for each in sent[:1]]
            first = monotonic()
            codes += [each.receive().json["code"] for each in sent[1:]]
            assert monotonic() - first < 4
            assert set(codes) <= {"deadline_exceeded", "outcome_unknown", "overloaded"}


@pytest.fixture(scope="module")
def own_cassandra(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[CassandraStore, Node]]:
    """A node of this module alone."""
    with local_node(tmp_path_factory.mktemp("node")) as cluster:
        address = store_address(cluster.store_url)
        assert isinstance(address, CassandraStore)
        stores.migrate(address)
        yield address, cluster.nodes[0]


def used(service: Service) -> None:
    """Until it answers in time what it has to prepare first."""
    wait_until(lambda: service.send("PUT", "/profiles/mine", MINE, If_None_Match="*").status < 500)
    wait_until(lambda: service.send("GET", "/profiles/mine").status == 200)


def test_a_cassandra_that_stands_still_is_not_waited_for(
    own_cassandra: tuple[CassandraStore, Node], tmp_path: Path
) -> None:
    address, node = own_cassandra
    with serving(address, tmp_path, **DEADLINE) as service:
        used(service)
        with node.paused():
            assert_late(service.send("GET", "/profiles/mine"))
            assert service.send("GET", "/health/live").status == 200
        wait_until(lambda: service.send("GET", "/profiles/mine").status == 200)


def test_a_write_that_was_sent_and_not_answered_is_never_told_as_not_made(
    own_cassandra: tuple[CassandraStore, Node], tmp_path: Path
) -> None:
    address, node = own_cassandra
    with serving(address, tmp_path, **DEADLINE) as service:
        used(service)
        tag = service.send("GET", "/profiles/mine").headers["ETag"]
        service.send("PUT", "/profiles/mine", MINE, If_Match=tag)
        tag = service.send("GET", "/profiles/mine").headers["ETag"]
        with node.paused():
            answer = service.send("PUT", "/profiles/mine", {"FirstName": "Hulk"}, If_Match=tag)
        assert_late(answer, "outcome_unknown")
        wait_until(lambda: service.send("GET", "/profiles/mine").json["FirstName"] == "Hulk")

"""Three nodes with three copies: where changes go, and that each gets its true answer while one
of the nodes hangs."""

from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter
from threading import Thread

import pytest

from app import stores
from app.dao.base import Dao
from app.dao.cassandra.connection import open_session
from app.factory import create_app
from app.settings import Settings
from tests.api.conftest import client_of
from tests.faults.calls import versions
from tests.faults.nodes import Nodes, running_nodes
from tests.faults.proxy import Arrives, Fault, Then
from tests.support.client import ApiClient
from tests.support.server import wait_until

CHANGE = attrgetter("is_write_of_profile")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with running_nodes(tmp_path_factory.mktemp("nodes"), 3) as started:
        stores.migrate(started.address)
        yield started


@pytest.fixture
def dao(three: Nodes) -> Iterator[Dao]:
    """One of the test, which knows of no node that was silent before."""
    opened = stores.open_dao(three.address)
    yield opened
    opened.close()


@pytest.fixture
def api(settings: Settings, dao: Dao) -> ApiClient:
    return client_of(create_app(settings, dao))


def test_all_changes_of_a_profile_go_through_one_node(three: Nodes, api: ApiClient) -> None:
    path = api.created({"LastName": "One"})
    count = Fault(CHANGE, Arrives.NOW, Then.ANSWER, times=8)
    counts = [proxy.meet(replace(count)) for proxy in three.proxies]
    for number in range(8):
        api.get(path)
        api.put(path, {"LastName": str(number)})
    for proxy in three.proxies:
        proxy.forget()
    assert sorted(count.met for count in counts) == [0, 0, 8]


def test_a_change_is_made_while_one_node_hangs_and_another_comes_back(
    three: Nodes, api: ApiClient, dao: Dao
) -> None:
    """When it is sent again, the node that hangs is the second of the three, no longer the first
    of two."""
    path = api.created({"LastName": "One"})
    first, second, _ = replicas(three, api.tenant, path.rpartition("/")[2])
    wait_until(lambda: len(dao.pools()) == 3)
    three.cut(first)
    wait_until(lambda: len(dao.pools()) == 2)
    hangs = Fault(CHANGE, Arrives.NEVER, Then.SILENCE, times=2)
    three.proxies[second].meet(hangs)
    change = Thread(target=api.put, args=(path, {"LastName": "Two"}))
    change.start()
    wait_until(lambda: hangs.met)
    three.heal(first)
    change.join()
    three.proxies[second].forget()
    assert hangs.met == 1
    assert versions(dao, api, path.rpartition("/")[2]) == (2, 1)


@pytest.mark.parametrize("number", range(3))
def test_every_change_is_made_while_one_node_hangs(
    three: Nodes, api: ApiClient, dao: Dao, number: int
) -> None:
    paths = [api.created({"LastName": "One", "EmailAddress": [f"{n}@x.com"]}) for n in range(3)]
    with three.nodes[number].paused():
        for n, path in enumerate(paths):
            api.put(path, {"LastName": "Two", "EmailAddress": [f"{n}@y.com"]})
        paths.append(api.created({"LastName": "New"}))
    assert [versions(dao, api, path.rpartition("/")[2]) for path in paths] == [(2, 1)] * 3 + [(1,)]


def replicas(three: Nodes, tenant: int, customer_id: str) -> list[int]:
    """The nodes with a copy of a profile, in the order in which its changes are sent to them."""
    cluster, session = open_session(three.address, three.address.keyspace)
    try:
        select = session.prepare("SELECT etag FROM profile WHERE tenant = ? AND customer_id = ?")
        key = select.bind((tenant, customer_id)).routing_key
        nodes = cluster.metadata.get_replicas(three.address.keyspace, key)
        return [three.address.hosts.index(node.address) for node in nodes]
    finally:
        cluster.shutdown()

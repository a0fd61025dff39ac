"""The service in this process on one Cassandra node that it reaches only through a proxy.

That node is out of packages also where an address or a container gives the other tests one:
only a node that broadcasts the proxy's address is not reached round it.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import stores
from app.dao.base import Dao
from app.dao.cassandra import connection
from app.dao.errors import StoreUnavailable
from app.factory import create_app
from app.settings import Settings
from tests.api.conftest import client_of, settings
from tests.faults.nodes import Nodes, running_nodes
from tests.faults.proxy import Proxy
from tests.support.client import ApiClient
from tests.support.server import wait_until

__all__ = ["settings"]

DEFINITION = Path(__file__).with_name("definition.yaml")


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with running_nodes(tmp_path_factory.mktemp("nodes"), 1) as started:
        stores.migrate(started.address)
        yield started


@pytest.fixture(scope="module")
def proxied(nodes: Nodes) -> Iterator[Dao]:
    opened = stores.open_dao(nodes.address)
    yield opened
    opened.close()


@pytest.fixture
def proxy(nodes: Nodes, proxied: Dao) -> Iterator[Proxy]:
    """The proxy of the one node, which meets nothing more after the test."""
    proxy = nodes.proxies[0]
    yield proxy
    proxy.forget()
    come_back(proxied, proxy)


@pytest.fixture
def api(settings: Settings, proxied: Dao, proxy: Proxy) -> ApiClient:
    """A client of a tenant of its own, of a service whose every message takes the proxy."""
    return client_of(create_app(replace(settings, definition=DEFINITION), proxied))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests in which the store cannot be asked, however long it is tried."""
    monkeypatch.setattr(connection, "_SETTLE_SECONDS", 0.2)


def come_back(dao: Dao, proxy: Proxy) -> None:
    """The node can be reached again, also by ``dao``."""
    proxy.heal()
    wait_until(lambda: _answers(dao))


def _answers(dao: Dao) -> bool:
    try:
        dao.list_documents(0, "")
    except StoreUnavailable:
        return False
    return True

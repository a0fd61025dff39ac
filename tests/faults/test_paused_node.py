"""Three nodes with three copies, one of which hangs: every change gets its true answer."""

from collections.abc import Iterator

import pytest

from app import stores
from app.dao.base import Dao
from app.factory import create_app
from app.settings import Settings
from tests.api.conftest import client_of
from tests.faults.calls import versions
from tests.faults.nodes import Nodes, running_nodes
from tests.support.client import ApiClient


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with running_nodes(tmp_path_factory.mktemp("nodes"), 3) as started:
        stores.migrate(started.address)
        yield started


@pytest.fixture(scope="module")
def dao(three: Nodes) -> Iterator[Dao]:
    opened = stores.open_dao(three.address)
    yield opened
    opened.close()


@pytest.fixture
def api(settings: Settings, dao: Dao) -> ApiClient:
    return client_of(create_app(settings, dao))


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

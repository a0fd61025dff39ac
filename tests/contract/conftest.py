"""Every store is used in both ways: from threads, and from a worker's requests on its loop."""

from collections.abc import Iterator

import pytest

from app import stores
from app.dao.base import Dao
from app.settings import StoreAddress
from tests.support.loop import on_loop, running_loop


@pytest.fixture(scope="session", params=["threads", "loop"])
def dao(request: pytest.FixtureRequest, address: StoreAddress) -> Iterator[Dao]:
    """The store at ``address``, for callers that wait in one of the two ways."""
    opened = stores.open_dao(address)
    if request.param == "threads":
        yield opened
        opened.close()
        return
    with running_loop() as loop:
        dao = on_loop(opened, loop)
        dao.status()
        yield dao
        opened.close()

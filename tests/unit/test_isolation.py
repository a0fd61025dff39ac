"""Unit tests cannot reach a store."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.dao.base import Dao
from app.settings import CassandraStore, EmbeddedStore, StoreAddress
from app.stores import migrate, open_dao
from tests.support.creators import a_change, a_key

ADDRESSES: dict[str, StoreAddress] = {
    "SQLite": EmbeddedStore(Path("var/never.db")),
    "Cassandra": CassandraStore(("127.0.0.1",), 9042, "never", "datacenter1"),
}
CALLS: dict[str, Callable[[Dao], object]] = {
    "get": lambda dao: dao.get(a_key()),
    "commit": lambda dao: dao.commit(a_change(a_key())),
    "status": lambda dao: dao.status(),
}


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("store", ADDRESSES)
def test_a_call_of_a_store_fails_the_test(
    reached_stores: list[str], store: str, method: str
) -> None:
    with pytest.raises(pytest.fail.Exception, match=f"opened {store}"):
        CALLS[method](open_dao(ADDRESSES[store]))
    assert reached_stores.pop() == store


@pytest.mark.parametrize(("store", "address"), ADDRESSES.items())
def test_migrating_a_store_fails_the_test(
    reached_stores: list[str], store: str, address: StoreAddress
) -> None:
    with pytest.raises(pytest.fail.Exception, match=f"opened {store}"):
        migrate(address)
    assert reached_stores.pop() == store

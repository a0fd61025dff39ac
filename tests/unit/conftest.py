"""No store within reach: opening one fails the test, also where the code hides that."""

from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from cassandra.cluster import Cluster


@pytest.fixture(autouse=True)
def reached_stores(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The stores that the test has tried to open; at its end there must be none."""
    reached: list[str] = []
    monkeypatch.setattr("app.dao.embedded.connection.apsw.Connection", _refusal("SQLite", reached))
    monkeypatch.setattr(Cluster, "connect", _refusal("Cassandra", reached))
    yield reached
    if reached:
        pytest.fail(f"a unit test opened {', '.join(reached)}")


def _refusal(store: str, reached: list[str]) -> Callable[..., NoReturn]:
    def refuse(*args: object, **kwargs: object) -> NoReturn:
        reached.append(store)
        pytest.fail(f"a unit test opened {store}")

    return refuse

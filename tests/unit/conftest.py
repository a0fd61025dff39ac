"""No store within reach, and no settings of whoever runs the tests."""

import os
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from cassandra.cluster import Cluster


@pytest.fixture(autouse=True)
def reached_stores(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The stores that the test has tried to open. At its end there must be none, so that it
    fails also where the code hides the exception."""
    reached: list[str] = []
    monkeypatch.setattr("app.dao.embedded.connection.apsw.Connection", _refusal("SQLite", reached))
    monkeypatch.setattr(Cluster, "connect", _refusal("Cassandra", reached))
    yield reached
    if reached:
        pytest.fail(f"a unit test opened {', '.join(reached)}")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in list(os.environ):
        if variable.startswith("PROFILES_"):
            monkeypatch.delenv(variable)


def _refusal(store: str, reached: list[str]) -> Callable[..., NoReturn]:
    def refuse(*args: object, **kwargs: object) -> NoReturn:
        reached.append(store)
        pytest.fail(f"a unit test opened {store}")

    return refuse


@pytest.fixture
def anyio_backend() -> str:
    """What tests of coroutines run on."""
    return "asyncio"

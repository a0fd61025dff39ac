"""The service in this process, on each store, as one tenant that no other test uses."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.access.privileges import ALL, Privilege
from app.dao.base import Dao
from app.factory import create_app
from app.parts import JOBS
from app.settings import CassandraStore, EmbeddedStore, Settings, StoreAddress, read_settings
from app.stores import open_dao
from local_cassandra.cluster import free_port
from tests.api.failing_dao import FailingDao
from tests.conftest import STORES
from tests.support.access import access_file
from tests.support.client import ApiClient
from tests.support.creators import a_tenant

ApiWith = Callable[..., ApiClient]
Protected = Callable[..., Flask]
METHODS = ("api_key", "basic", "jwt")
WITH_KEYS = Path(__file__).with_name("keys.yaml")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The defaults, whatever the environment says."""
    for each in fields(Settings):
        monkeypatch.delenv(f"PROFILES_{each.name.upper()}", raising=False)
    return read_settings()


@pytest.fixture
def app(settings: Settings, dao: Dao) -> Flask:
    return create_app(settings, dao)


@pytest.fixture
def api(app: Flask) -> ApiClient:
    return client_of(app)


@pytest.fixture
def working(app: Flask) -> Iterator[ApiClient]:
    """A client of a service that does its background jobs."""
    app.extensions[JOBS].start()
    yield client_of(app)
    app.extensions[JOBS].stop()


@pytest.fixture
def api_with(settings: Settings, dao: Dao) -> ApiWith:
    """Makes a client of a service with other settings."""
    return lambda **changes: client_of(create_app(replace(settings, **changes), dao))


@pytest.fixture
def asking_app(settings: Settings, tmp_path: Path) -> Protected:
    """Makes a service that asks, and has one caller of each kind, who may do what is given."""

    def make(
        dao: Dao,
        privileges: Iterable[Privilege] = ALL,
        tenants: Any = "*",
        methods: tuple[str, ...] = METHODS,
    ) -> Flask:
        file = access_file(tmp_path, privileges, tenants)
        return create_app(replace(settings, auth=methods, auth_file=file), dao)

    return make


@pytest.fixture
def protected(asking_app: Protected, dao: Dao) -> Protected:
    return partial(asking_app, dao)


@pytest.fixture
def closed(asking_app: Protected) -> Protected:
    """On a store whose every use is seen as a 500."""
    return partial(asking_app, FailingDao(RuntimeError("a store was asked")))


@pytest.fixture(params=STORES)
def away(request: pytest.FixtureRequest, folder: Path) -> Iterator[Dao]:
    """A store that nobody can reach."""
    addresses: dict[str, StoreAddress] = {
        "embedded": EmbeddedStore(folder / "missing.db"),
        "cassandra": CassandraStore(("127.0.0.1",), free_port(), "profiles", "datacenter1"),
    }
    dao = open_dao(addresses[request.param])
    yield dao
    dao.close()


def client_of(app: Flask) -> ApiClient:
    return ApiClient(app.test_client(), a_tenant())


@contextmanager
def unchanged(api: ApiClient, path: str) -> Iterator[None]:
    """After the block the profile at ``path`` is what it was, and at the same version."""
    before = api.get(f"{path}?extensions=*")
    yield
    after = api.get(f"{path}?extensions=*")
    assert after.data == before.data
    assert after.headers["ETag"] == before.headers["ETag"]


def following(answer: TestResponse) -> str | None:
    """The path of the page after the one that was answered, None at the end."""
    if "Link" not in answer.headers:
        return None
    path, _, relation = answer.headers["Link"].partition("; ")
    assert relation == 'rel="next"'
    return path.removeprefix("<").removesuffix(">")


def pages(api: ApiClient, path: str, **headers: str) -> Iterator[Any]:
    """What the page at ``path`` and all that follow answer."""
    page: str | None = path
    while page:
        answer = api.send("GET", page, expect=200, **headers)
        yield answer.json
        page = following(answer)


def tag_of(api: ApiClient, path: str) -> str:
    return api.get(path).headers["ETag"]


def number_of(tag: str) -> int:
    """The version number in a strong entity tag."""
    return int(tag.strip('"').partition("-")[0])

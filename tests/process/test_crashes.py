"""Killed workers and a killed Cassandra: every acknowledged write is there afterwards."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from threading import Event

import pytest

from app import stores
from app.dao.values import ProfileKey, Version
from app.services.preconditions import tagged_version
from app.settings import CassandraStore, EmbeddedStore, store_address
from tests.support.cassandra import local_node
from tests.support.creators import a_tenant
from tests.support.past import past_rows
from tests.support.server import Answer, Service, serving, wait_until

WRITERS = 4
KILLS = 4


@dataclass
class Writer:
    """Overwrites one profile with growing numbers; remembers what was acknowledged."""

    key: ProfileKey
    acknowledged: dict[Version, int] = field(default_factory=dict)
    last: int = 0
    unanswered: int = 0

    def write_until(self, done: Event, service: Service) -> None:
        while not done.is_set():
            self.last += 1
            with contextlib.suppress(OSError, HTTPException):
                self._write(service)

    def _write(self, service: Service) -> None:
        self.unanswered += 1
        body = {"LastName": str(self.last), "Address": {"City": str(self.last)}}
        path, tenant = f"/profiles/{self.key.customer_id}", str(self.key.tenant)
        answer = service.send("PUT", path, body, X_Genesys_TenantId=tenant)
        if answer.status == 404:
            body["customer_id"] = self.key.customer_id
            answer = service.send("POST", "/profiles", body, X_Genesys_TenantId=tenant)
        self.unanswered -= 1
        if answer.status in {200, 201}:
            version = tagged_version(answer.headers["ETag"].strip('"'))
            assert version is not None
            self.acknowledged[version] = self.last
        else:
            assert answer.status in {409, 503}, answer

    def _read(self, service: Service) -> Answer:
        path, tenant = f"/profiles/{self.key.customer_id}?extensions=Address", str(self.key.tenant)
        return service.send("GET", path, X_Genesys_TenantId=tenant)

    def assert_nothing_lost(
        self, service: Service, address: EmbeddedStore | CassandraStore
    ) -> None:
        kept = [version for version, _, _ in past_rows(address, self.key)]
        assert set(self.acknowledged) <= set(kept)
        assert [version.number for version in kept] == list(range(len(kept), 0, -1))
        while (answer := self._read(service)).status == 503:
            wait_until(lambda: self._read(service).status != 503)  # a worker connects again
        assert answer.json["LastName"] == answer.json["Address"]["City"]
        assert int(answer.json["LastName"]) >= max(self.acknowledged.values())


@contextmanager
def writing(service: Service) -> Iterator[list[Writer]]:
    """Writers at work in the background; at the end they have stopped."""
    tenant, done = a_tenant(), Event()
    writers = [Writer(ProfileKey(tenant, f"writer{number}")) for number in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        running: list[Future[None]] = [
            pool.submit(writer.write_until, done, service) for writer in writers
        ]
        try:
            yield writers
        finally:
            done.set()
        for each in running:
            each.result()


def more_acknowledged(writers: list[Writer], by: int) -> Callable[[], bool]:
    """Whether every writer has got ``by`` more answers than now."""
    enough = [len(writer.acknowledged) + by for writer in writers]
    return lambda: all(
        len(writer.acknowledged) >= least for writer, least in zip(writers, enough, strict=True)
    )


def test_killed_workers_lose_no_acknowledged_write(
    address: EmbeddedStore | CassandraStore, tmp_path: Path
) -> None:
    with serving(address, tmp_path, PROFILES_WORKERS="2") as service:
        with writing(service) as writers:
            for _ in range(KILLS):
                wait_until(more_acknowledged(writers, by=10))
                service.kill_a_worker()
            wait_until(more_acknowledged(writers, by=10))
        for writer in writers:
            writer.assert_nothing_lost(service, address)


@pytest.fixture
def own_cassandra(tmp_path: Path) -> Iterator[tuple[CassandraStore, Callable[[], None]]]:
    """A node of this test alone, and what kills it and starts it again."""
    with local_node(tmp_path / "node") as cluster:
        node = cluster.nodes[0]
        address = store_address(cluster.store_url)
        assert isinstance(address, CassandraStore)
        stores.migrate(address)

        def kill_and_restart() -> None:
            node.kill()
            node.start()

        yield address, kill_and_restart


def test_a_killed_cassandra_loses_no_acknowledged_write(
    own_cassandra: tuple[CassandraStore, Callable[[], None]], tmp_path: Path
) -> None:
    address, kill_and_restart = own_cassandra
    with serving(address, tmp_path) as service:
        with writing(service) as writers:
            wait_until(more_acknowledged(writers, by=20))
            kill_and_restart()
            wait_until(more_acknowledged(writers, by=20))
        for writer in writers:
            writer.assert_nothing_lost(service, address)


def test_a_store_that_is_away_is_503_and_comes_back(
    own_cassandra: tuple[CassandraStore, Callable[[], None]], tmp_path: Path
) -> None:
    address, kill_and_restart = own_cassandra
    with serving(address, tmp_path) as service, ThreadPoolExecutor(1) as pool:
        assert service.send("GET", "/health/ready").status == 200
        restarting = pool.submit(kill_and_restart)
        wait_until(lambda: service.send("GET", "/health/ready").status == 503)
        away = service.send("GET", "/profiles/x")
        assert (away.status, away.headers["Retry-After"]) == (503, "1")
        assert service.send("GET", "/health/live").status == 200
        restarting.result()
        wait_until(lambda: service.send("GET", "/profiles/x").status == 404)

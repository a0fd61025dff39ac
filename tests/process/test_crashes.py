"""Killed workers and a killed Cassandra: every acknowledged write is there afterwards."""

import contextlib
from collections import Counter
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
from app.services.preconditions import tagged_version, unmarked
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
    refused: Counter[int] = field(default_factory=Counter)
    at_work: Future[None] = field(default_factory=Future)

    def __str__(self) -> str:
        return f"{self.last} sent, {len(self.acknowledged)} made, {dict(self.refused)} refused"

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
            version = tagged_version(unmarked(answer.headers["ETag"].strip('"')))
            assert version is not None
            self.acknowledged[version] = self.last
        else:
            assert answer.status in {409, 503}, answer
            self.refused[answer.status] += 1

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
        for writer in writers:
            writer.at_work = pool.submit(writer.write_until, done, service)
        try:
            yield writers
        finally:
            done.set()
        for writer in writers:
            writer.at_work.result()


def await_acknowledged(writers: list[Writer], by: int) -> None:
    """Until every writer has got ``by`` more answers than now; raises what ended one of them."""
    enough = [len(writer.acknowledged) + by for writer in writers]

    def have_all() -> bool:
        for writer in writers:
            if writer.at_work.done():
                writer.at_work.result()
        counts = [len(writer.acknowledged) for writer in writers]
        return all(count >= least for count, least in zip(counts, enough, strict=True))

    try:
        wait_until(have_all)
    except AssertionError as error:
        told = "; ".join(map(str, writers))
        raise AssertionError(told) from error


def test_killed_workers_lose_no_acknowledged_write(
    address: EmbeddedStore | CassandraStore, tmp_path: Path
) -> None:
    with serving(address, tmp_path, PROFILES_WORKERS="2") as service:
        with writing(service) as writers:
            for _ in range(KILLS):
                await_acknowledged(writers, by=10)
                service.kill_a_worker()
            await_acknowledged(writers, by=10)
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
            await_acknowledged(writers, by=20)
            kill_and_restart()
            await_acknowledged(writers, by=20)
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

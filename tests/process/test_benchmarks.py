"""The benchmark measures what it says: short real runs, of which no figure counts."""

import json
from pathlib import Path
from urllib.request import urlopen

import pytest

from app.settings import CassandraStore, StoreAddress
from benchmarks import audit, floor, open_loop, prototype, recording, service, stores, wrk
from benchmarks.bench import Bench
from benchmarks.machine import this_machine
from benchmarks.measurements import Measurements
from benchmarks.parts import open_loop as part
from benchmarks.parts.operations import held
from benchmarks.recording import CREATE, DELETE, IF_MATCH, MERGE, QUERY, UPDATE
from benchmarks.report import write_report
from benchmarks.sample import body, customer_id, digits
from benchmarks.service import Deployment
from benchmarks.wrk import Load

PROFILES = 50


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    saved = Measurements.of(this_machine(), quick=True, root=tmp_path / "bench")
    return Bench(tmp_path, saved, quick=True, only=frozenset({"open-query"}))


def test_a_part_is_measured_saved_and_reported(bench: Bench, tmp_path: Path) -> None:
    with stores.opened("embedded", tmp_path, None) as made:
        part.measure(bench, made, "embedded")
    (run, *_) = bench.saved.all()["embedded"]["open-query"]["gunicorn"]["runs"]
    assert run["unanswered"] == 0
    assert run["p50"] > 0
    assert "Open loop" in write_report(bench.saved, tmp_path).read_text()


def test_what_wrk_counts_is_what_is_stored(tmp_path: Path) -> None:
    numbers = range(PROFILES)
    with stores.opened("embedded", tmp_path, None) as made:
        address = made.prepared("profiles")
    stores.fill(address, tmp_path, numbers)
    (tmp_path / "body").write_text(body())
    with service.serving(Deployment(address, tmp_path)) as server:
        before = audit.stored(server.url, numbers)
        etags = "".join(f"{each.number} {each.tag}\n" for each in before)
        (tmp_path / "etags").write_text(etags)
        options = {"count": PROFILES, "body": tmp_path / "body", "etags": tmp_path / "etags"}
        measured = wrk.run(server, Load("put_if_match", 1, options, connections=4))
        stored = audit.versions(server.url, numbers) - PROFILES
    assert measured["acknowledged"] > 0
    assert (measured["non_2xx"], measured["broken"]) == (0, 0)
    assert held(measured["acknowledged"], stored)["lost"] == 0


def test_the_floors_do_what_the_service_does(address: StoreAddress) -> None:
    scripts = recording.record(address)
    with floor.opened(address, scripts, PROFILES) as driver:
        for operation in (QUERY, UPDATE, IF_MATCH, CREATE, DELETE, MERGE):
            measured = driver.run(operation, 0.2)
            assert measured["requests"] > 0, operation


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_a_prototype_answers_what_is_stored(
    cassandra_address: CassandraStore, tmp_path: Path, server: str
) -> None:
    stores.fill(cassandra_address, tmp_path, range(PROFILES))
    with prototype.serving(server, tmp_path, cassandra_address) as started:
        with urlopen(f"{started.url}/profiles/{customer_id(digits(3))}") as answer:  # noqa: S310
            found = json.load(answer)
        measured = wrk.run(started, Load("get", 1, {"count": PROFILES}, connections=4))
    assert found["EmailAddress"] == [f"bruce.banner.{digits(3)}@marvelous.com"]
    assert measured["requests"] > 0
    assert (measured["non_2xx"], measured["broken"]) == (0, 0)


def test_a_server_that_is_too_slow_shows_in_all_that_wait(tmp_path: Path) -> None:
    with stores.opened("embedded", tmp_path, None) as made:
        address = made.prepared("profiles")
    settings = {"THREADS": "1"}
    with service.serving(Deployment(address, tmp_path, workers=1, settings=settings)) as server:
        requests = iter(lambda: b"GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n", b"")
        measured = open_loop.run(server.url, requests, rate=200, seconds=0.5)
    assert measured["requests"] == 100
    assert measured["unanswered"] == 0

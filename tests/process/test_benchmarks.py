"""The benchmark measures what it says: short real runs, of which no figure counts."""

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from benchmarks.load import open_loop, operations
from benchmarks.load.operations import OPERATIONS, QUERY
from benchmarks.load.sample import customer_id, digits
from benchmarks.machine import ROOT
from benchmarks.measurements import Measurements
from benchmarks.page import NEW, page
from benchmarks.rounds import Pace
from benchmarks.run import BARE, FOOTPRINT, LOAD, OPEN_MIXED, Run
from benchmarks.service.candidates import Candidate, prepared
from benchmarks.service.checkouts import Checkout

HERE = {NEW: Checkout("working tree", ROOT, Path(sys.executable).parent)}


@pytest.fixture
def candidate(tmp_path: Path) -> Iterator[Candidate]:
    with prepared("sqlite", HERE, tmp_path) as found:
        yield found[NEW]


def test_every_operation_is_measured_and_what_it_acknowledges_is_stored(
    candidate: Candidate,
) -> None:
    with candidate.service() as server:
        for operation in OPERATIONS:
            measured = operations.measure(server, operation, candidate.folder, 1)
            assert measured["errors"] == 0, operation
            assert measured["rate"] > 0, operation
            assert measured["cpu_us"] > 0, operation


def test_a_bare_route_answers_the_bytes_of_the_service_under_its_server(
    candidate: Candidate,
) -> None:
    url = f"/profiles/{customer_id(digits(0))}"
    with candidate.service() as server, candidate.bare() as bare:
        told = [urlopen(each.url + url).read() for each in (server, bare)]  # noqa: S310
        measured = open_loop.run(bare.url, open_loop.mixed(), rate=50, seconds=0.5)
    assert told[0] == told[1]
    assert (measured["requests"], measured["errors"]) == (25, 0)


def test_a_run_is_measured_saved_and_told(tmp_path: Path) -> None:
    units = (QUERY, OPEN_MIXED, LOAD, FOOTPRINT)
    saved = Measurements(tmp_path / "bench")
    run = Run(HERE, units, Pace(1, 1), Pace(1, 1), saved, loaded={"sqlite": 50})
    pages: list[str] = []
    run.measure("sqlite", lambda: pages.append(page([], saved.all())))
    assert run.missing("sqlite") == []
    (load,) = saved.all()["sqlite"][LOAD][NEW]
    assert load["peak"] > 0
    assert len(pages) == len(units)
    for row in (f"| {QUERY} | new |", f"| {BARE}new |", "| new | 50 |"):
        assert row in pages[-1]

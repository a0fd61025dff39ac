"""The fault runs, shortened: what `make test-faults` does at length. The checker judges."""

from pathlib import Path

import pytest

from app.settings import CassandraStore
from tests.faults.checker import Report
from tests.faults.run import Run
from tests.faults.scenarios import embedded, processes
from tests.faults.table import Row, table

OPERATIONS = 400


@pytest.fixture
def run(folder: Path) -> Run:
    return Run(folder, OPERATIONS)


def assert_kept(report: Report) -> None:
    """All promises were, and enough was done to say so."""
    assert [str(each) for each in report.violations] == []
    assert report.operations >= OPERATIONS
    assert report.acknowledged > OPERATIONS / 4


def test_killed_workers_on_sqlite(run: Run) -> None:
    assert_kept(processes.killed_workers(run, embedded.prepared(run.folder), times=3))


def test_killed_workers_on_cassandra(run: Run, cassandra_address: CassandraStore) -> None:
    assert_kept(processes.killed_workers(run, cassandra_address, times=2))


def test_restarted_instances_drop_no_request(run: Run) -> None:
    assert_kept(processes.restarted_instances(run, embedded.prepared(run.folder), times=2))


def test_a_locked_file(run: Run) -> None:
    assert_kept(embedded.locked_file(run, times=1))


def test_a_read_only_file(run: Run) -> None:
    assert_kept(embedded.read_only_file(run, times=1))


@pytest.mark.parametrize("mount", [embedded.MOUNT, "/bin/false"])
def test_a_full_disk(run: Run, monkeypatch: pytest.MonkeyPatch, mount: str) -> None:
    """A real one, and where this user may not mount one the limit that stands in for it."""
    monkeypatch.setattr(embedded, "MOUNT", mount)
    assert_kept(embedded.full_disk(run, times=1))


def test_the_table_sums_up_and_shows_the_longest_time() -> None:
    reports = [
        Report(
            operations=count,
            acknowledged=1,
            settled=2,
            left=3,
            no_read=count / 1000,
            no_write=0.5,
            violations=[],
        )
        for count in (1000, 2500)
    ]
    lines = table([Row(name, 4, each) for name, each in zip("ab", reports, strict=True)])
    assert lines.splitlines()[-1] == "| all | 3,500 | 8 | 2 | 0 | 4 | 6 | 2.5 s / 0.5 s | 0 |"

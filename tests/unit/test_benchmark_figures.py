"""The arithmetic of the benchmark, and what its report makes of measurements."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from benchmarks.arithmetic import exponent, median_ratio, percentile
from benchmarks.figures import verdicts
from benchmarks.listening import Statement, Step
from benchmarks.machine import Machine
from benchmarks.measurements import Measurements, latest
from benchmarks.open_loop import status_of
from benchmarks.recording import Script
from benchmarks.replay import Change, prepare, replay
from benchmarks.report import write_report
from benchmarks.sample import digits

MACHINE = Machine("abc", "a processor", 2, 16, "Linux 6", "3.11")
SERVICE, DRIVER, PEER = "service gunicorn", "driver", "kinto"


def a_sample(rate: float, **more: float) -> dict[str, float]:
    figures = {"p50": 1.0, "p99": 3.0, "p999": 5.0, "cpu_us": 400.0}
    return {"rate": rate, **figures, "non_2xx": 0, "broken": 0, **more}


def some_samples(**rates: tuple[float, ...]) -> dict[str, Any]:
    names = {"service": SERVICE, "driver": DRIVER, "kinto": PEER}
    return {
        "samples": {names[who]: [a_sample(each) for each in told] for who, told in rates.items()}
    }


@pytest.fixture
def saved(tmp_path: Path) -> Measurements:
    return Measurements.of(MACHINE, quick=False, root=tmp_path / "bench")


def reported(saved: Measurements, folder: Path) -> str:
    return write_report(saved, folder).read_text()


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 1), (50, 50), (99, 99), (99.9, 100), (100, 100)]
)
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    assert percentile(range(1, 101), share) == expected


def test_of_nothing_a_percentile_is_zero() -> None:
    assert percentile([], 50) == 0


def test_a_ratio_is_that_of_the_rounds_and_not_that_of_the_medians() -> None:
    assert median_ratio([10, 200, 3], [20, 400, 1]) == 0.5


@pytest.mark.parametrize("slope", [-1, 0, 0.5, 1, 2])
def test_the_exponent_of_a_power_is_found(slope: float) -> None:
    assert exponent((size, 7 * size**slope) for size in (1, 10, 100)) == pytest.approx(slope)


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}", None),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.1 503 Service", None),
    ],
)
def test_an_answer_counts_once_it_is_whole(received: bytes, status: int | None) -> None:
    assert status_of(received) == status


class Listed:
    """A driver that keeps what it is given."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def send(self, step: Step, changed: Any) -> None:
        for statement in step.statements:
            self.values.append([changed(value) for value in statement.values])


def a_script() -> Script:
    """A creation, and an update from its version to the next."""
    first, second = UUID(int=5), UUID(int=6)
    token = digits(9)
    make = Step((Statement("insert", (1, f"id{token}", first)),))
    update = Step((Statement("update", (1, first, 2, second, token.encode())),))
    return Script((make,), (update,), (token,), (first, second))


def test_what_is_replayed_is_about_the_profile_that_was_prepared() -> None:
    driver = Listed()
    prepare(driver, a_script(), 77)
    replay(driver, a_script(), 77, 1)
    (_, name, stored), (version, expected, following, _, text) = driver.values
    assert (name, text) == (f"id{digits(77)}", digits(77).encode())
    assert expected == stored
    assert (version, following) == (1, 2)


def test_each_replay_follows_the_one_before() -> None:
    driver = Listed()
    for version in (1, 2, 3):
        replay(driver, a_script(), 77, version)
    for before, after in zip(driver.values, driver.values[1:], strict=False):
        assert (after[0], after[1]) == (before[2], before[3])


def test_other_profiles_have_other_ids() -> None:
    values = UUID(int=5), b"0123456789abcdef", f"x{digits(9)}"
    changed = [[Change(a_script(), number, 1)(each) for each in values] for number in range(50)]
    assert all(len(set(column)) == 50 for column in zip(*changed, strict=True))


def test_the_report_tells_who_did_how_much(saved: Measurements, tmp_path: Path) -> None:
    saved.save(
        "cassandra", "query", some_samples(service=(500, 600, 700), driver=(1000, 1000, 1000))
    )
    text = reported(saved, tmp_path)
    assert "| query | service gunicorn | 600 |" in text
    assert "| cassandra: query under gunicorn / driver | 0.60 | at least 0.45 | yes |" in text
    assert (tmp_path / "plots" / "overview.svg").exists()


def test_a_target_that_is_missed_is_told(saved: Measurements, tmp_path: Path) -> None:
    saved.save("embedded", "update", some_samples(service=(400,), kinto=(100,)))
    assert "| 4.00 | at least 5 | **no** |" in reported(saved, tmp_path)


def test_a_peer_that_is_missing_is_told(saved: Measurements, tmp_path: Path) -> None:
    measured = some_samples(service=(400,)) | {"missing": {"kinto": "PostgreSQL is missing"}}
    saved.save("embedded", "query", measured)
    assert "The peer was not measured: PostgreSQL is missing." in reported(saved, tmp_path)


def test_what_was_refused_or_lost_in_any_round_is_told(
    saved: Measurements, tmp_path: Path
) -> None:
    rounds = [a_sample(10, non_2xx=2, lost=0), a_sample(10, non_2xx=1, lost=4)]
    saved.save("embedded", "update", {"samples": {SERVICE: rounds}})
    assert "| 400 | 3 | 0 | 4 |" in reported(saved, tmp_path)


def test_a_line_of_growth_has_its_exponent_and_its_range(
    saved: Measurements, tmp_path: Path
) -> None:
    line = {str(size): [a_sample(1, cpu_us=10.0 * size)] for size in (1, 10, 100)}
    saved.save("embedded", "growth-records", {"axis": "records", "lines": {"query": line}})
    text = reported(saved, tmp_path)
    assert "| records, 1 to 100 | embedded | query | 1 to 1 | 0.00 | 10 to 1,000 | 1.00 |" in text
    assert (tmp_path / "plots" / "growth-records.svg").exists()


def test_a_read_after_many_overwrites_is_held_against_one_after_few(saved: Measurements) -> None:
    line = {"1": [a_sample(1, p50=1.0)], "10000": [a_sample(1, p50=1.4)]}
    saved.save("cassandra", "growth-overwrites", {"axis": "x", "lines": {"query": line}})
    (verdict,) = verdicts(saved.all())
    assert (verdict.measured, verdict.met) == (1.4, False)


def test_a_quick_run_says_so_and_is_kept_apart(saved: Measurements, tmp_path: Path) -> None:
    quick = Measurements.of(MACHINE, quick=True, root=tmp_path / "bench")
    assert quick.folder != saved.folder
    assert "no figures to quote" in reported(quick, tmp_path)
    assert "no figures to quote" not in reported(saved, tmp_path)


def test_what_was_measured_last_is_reported(saved: Measurements, tmp_path: Path) -> None:
    found = latest(tmp_path / "bench")
    assert found is not None
    assert found.folder == saved.folder
    assert latest(tmp_path / "nothing") is None

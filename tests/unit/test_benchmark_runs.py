"""Which units a benchmark run measures, and that one goes on where another stopped."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import __main__ as command
from benchmarks import check
from benchmarks.check import Compared, told
from benchmarks.load import wrk
from benchmarks.measurements import Measurements
from benchmarks.rounds import Pace, Sample, Samples, in_turn
from benchmarks.run import Run

UNITS = ("query", "update", "load")
FOUND: Samples = {"new": [{"rate": 1.0}]}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run({}, UNITS, Pace(1, 1), Pace(1, 1), Measurements(tmp_path), loaded={})


def nothing() -> None:
    """What is written when something was saved."""


def test_a_run_goes_on_behind_the_unit_that_was_measured_last(run: Run) -> None:
    measured: list[str] = []

    def until_the_second(unit: str) -> Samples:
        if measured:
            raise KeyboardInterrupt
        measured.append(unit)
        return FOUND

    with pytest.raises(KeyboardInterrupt):
        run.measure_missing("sqlite", until_the_second, nothing)
    assert run.missing("sqlite") == ["update", "load"]
    run.measure_missing("sqlite", lambda _: FOUND, nothing)
    assert run.saved.all() == {"sqlite": dict.fromkeys(UNITS, FOUND)}


def test_a_unit_that_fails_is_left_for_the_next_run(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(unit: str) -> Samples:
        if unit == "query":
            raise RuntimeError("too little of it")
        return FOUND

    run.measure_missing("sqlite", fail, nothing)
    assert run.missing("sqlite") == ["query"]
    assert "sqlite query failed: RuntimeError: too little of it" in capsys.readouterr().err


def test_the_page_is_written_after_each_unit(run: Run) -> None:
    written: list[int] = []
    run.measure_missing("sqlite", lambda _: FOUND, lambda: written.append(len(run.saved.all())))
    assert len(written) == len(UNITS)


def test_what_is_forgotten_is_measured_anew(run: Run) -> None:
    run.measure_missing("sqlite", lambda _: FOUND, nothing)
    run.saved.forget()
    assert run.missing("sqlite") == list(UNITS)


def test_all_are_measured_in_each_round() -> None:
    order: list[str] = []

    def contender(name: str) -> Callable[[], Sample]:
        def measured() -> Sample:
            order.append(name)
            return {"rate": 1.0}

        return measured

    found = in_turn({"a": contender("a"), "b": contender("b")}, rounds=3)
    assert order == ["a", "b"] * 3
    assert {name: len(samples) for name, samples in found.items()} == {"a": 3, "b": 3}
    assert all("others" in each for samples in found.values() for each in samples)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["no-such-commit"], "There is no commit no-such-commit"),
        (["--stores", "paper"], "there is no paper: cassandra, sqlite"),
        (["HEAD", "--units", "query,sing"], "there is no sing: query"),
        (["HEAD", "--rounds", "0"], "--rounds"),
    ],
)
def test_what_there_is_not_is_refused(words: list[str], sentence: str) -> None:
    ended = CliRunner().invoke(command.main, words)
    assert ended.exit_code > 0
    assert sentence in ended.output


def test_without_wrk_a_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(wrk.NoWrk, match="apt-get install wrk"):
        wrk.check_wrk()


def test_a_base_that_there_is_not_is_refused() -> None:
    ended = CliRunner().invoke(check.main, ["no-such-commit"])
    assert ended.exit_code == 1
    assert "There is no commit no-such-commit" in ended.output


@pytest.mark.parametrize(("ratio", "verdict"), [(0.9, "ok"), (1.03, "ok"), (1.04, "more than")])
def test_an_operation_may_become_dearer_by_the_bound_only(ratio: float, verdict: str) -> None:
    assert verdict in told(Compared("query", ratio), "instructions", 1.03)

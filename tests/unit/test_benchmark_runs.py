"""Which units a benchmark run measures, and that one goes on where another stopped."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import __main__ as command
from benchmarks import check, wrk
from benchmarks.bench import Bench, Sample
from benchmarks.check import Compared, told
from benchmarks.machine import Machine
from benchmarks.measurements import Measurements
from benchmarks.parts.operations import held

MACHINE = Machine("abc", "a processor", 2, 16, "Linux 6", "3.11")
UNITS = ("query", "growth-size", "growth-records")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    saved = Measurements.of(MACHINE, quick=False, root=tmp_path)
    return Bench(tmp_path, saved)


def test_a_run_goes_on_behind_the_unit_that_was_measured_last(bench: Bench) -> None:
    measured: list[str] = []

    def until_the_second(unit: str) -> str:
        if measured:
            raise KeyboardInterrupt
        measured.append(unit)
        return unit

    with pytest.raises(KeyboardInterrupt):
        bench.measure("embedded", UNITS, until_the_second)
    assert bench.wanted("embedded", UNITS) == ["growth-size", "growth-records"]
    bench.measure("embedded", UNITS, str.upper)
    assert bench.saved.all() == {
        "embedded": {
            "query": "query",
            "growth-size": "GROWTH-SIZE",
            "growth-records": "GROWTH-RECORDS",
        }
    }


def test_a_unit_that_fails_is_left_for_the_next_run(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(unit: str) -> None:
        if unit == "query":
            raise RuntimeError("too little of it")

    bench.measure("embedded", UNITS, fail)
    assert bench.wanted("embedded", UNITS) == ["query"]
    assert "embedded query failed: RuntimeError: too little of it" in capsys.readouterr().err


def test_another_commit_or_machine_is_measured_anew(bench: Bench, tmp_path: Path) -> None:
    bench.saved.save("embedded", "query", {})
    other = Machine("def", "a processor", 2, 16, "Linux 6", "3.11")
    assert Measurements.of(other, quick=False, root=tmp_path).all() == {}


@pytest.mark.parametrize(
    ("only", "wanted"),
    [
        (set(), UNITS),
        ({"query"}, UNITS[:1]),
        ({"growth"}, UNITS[1:]),
        ({"growth-size"}, UNITS[1:2]),
    ],
)
def test_units_are_asked_for_by_name_or_first_word(
    bench: Bench, only: set[str], wanted: tuple[str, ...]
) -> None:
    asked = Bench(bench.folder, bench.saved, only=frozenset(only))
    assert asked.wanted("embedded", UNITS) == list(wanted)


def test_all_are_measured_in_each_round(bench: Bench) -> None:
    order: list[str] = []

    def contender(name: str) -> Callable[[float], Sample]:
        def run(_seconds: float) -> Sample:
            order.append(name)
            return {}

        return run

    found = bench.in_turn({"a": contender("a"), "b": contender("b")}, 1)
    assert order == ["a", "b"] * (bench.rounds + 1)
    assert {name: len(samples) for name, samples in found.items()} == dict.fromkeys(
        "ab", bench.rounds
    )


@pytest.mark.parametrize(
    ("acknowledged", "stored", "lost", "invented"),
    [(100, 100, 0, 0), (100, 116, 0, 0), (100, 97, 3, 0), (100, 120, 0, 4)],
)
def test_writes_on_their_way_at_the_end_may_be_stored(
    acknowledged: int, stored: int, lost: int, invented: int
) -> None:
    assert held(acknowledged, stored) == {"stored": stored, "lost": lost, "invented": invented}


def test_a_unit_that_there_is_not_is_refused() -> None:
    ended = CliRunner().invoke(command.main, ["--only", "nothing"])
    assert ended.exit_code == 2
    assert "there is no nothing" in ended.output


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

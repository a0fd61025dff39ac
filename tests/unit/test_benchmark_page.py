"""What the page of the benchmark makes of measurements."""

from benchmarks.page import BASE, NEW, errors, page
from benchmarks.rounds import Sample, Samples
from benchmarks.run import BARE


def some_samples(rates: tuple[float, ...] = (100,), **more: float) -> list[Sample]:
    figures = {"p50": 1.0, "p99": 3.0, "cpu_us": 500, "resident": 50 * 2**20}
    return [{"rate": rate, "errors": 0, "others": 0.0, **figures, **more} for rate in rates]


def at_half(tail: float) -> list[Sample]:
    return some_samples(p99=tail, tail=tail)


def told(unit: str, samples: Samples, store: str = "sqlite") -> str:
    return page([], {store: {unit: samples}})


def test_each_contender_has_the_medians_of_its_rounds() -> None:
    text = told("query", {NEW: some_samples((100, 200, 1000), cpu_us=310)})
    assert "| sqlite | query | new | 200 | 1.00 | 3.00 | 310 | 0 |  |" in text
    assert "ratio to the base" not in text


def test_ratios_are_those_of_the_rounds_and_are_held_against_the_targets() -> None:
    samples = {
        BASE: some_samples((100, 200, 1000)),
        NEW: some_samples((130, 260, 1000), cpu_us=310),
    }
    text = told("query", samples, "cassandra")
    ratios = "1.30 | at least 1.30: met | 0.62 | at most 0.60: **missed** |"
    assert f"| cassandra | query |  | {ratios}" in text


def test_what_has_no_target_is_told_without_one() -> None:
    text = told("identify", {BASE: some_samples(), NEW: some_samples()})
    assert "| sqlite | identify |  | 1.00 |  | 1.00 |  |" in text


def test_errors_of_any_round_are_told() -> None:
    samples = {BASE: some_samples((100, 100)), NEW: some_samples((100, 100), errors=2)}
    assert errors({"sqlite": {"update": samples}}) == 4
    assert "| **4** |" in told("update", samples)


def test_a_tail_is_held_against_that_of_the_bare_route_under_the_same_server() -> None:
    samples = {
        BASE: at_half(9),
        NEW: at_half(6),
        BARE + BASE: at_half(2),
        BARE + NEW: at_half(4),
    }
    text = told("open-query", samples)
    assert "| sqlite | open-query | base | 100 | 1.00 | 9.00 | 9.00 | 4.50 |  | 0 |" in text
    assert "| new | 100 | 1.00 | 6.00 | 6.00 | 1.50 | at most 1.30: **missed** | 0 |" in text
    assert "| bare route, new | 100 | 1.00 | 4.00 | 4.00 |  |  | 0 |" in text


def test_the_memory_of_a_worker_is_the_most_after_any_round() -> None:
    start = some_samples(seconds=1.2, resident=40 * 2**20)
    query = {
        BASE: [*some_samples(resident=50 * 2**20), *some_samples(resident=55 * 2**20)],
        NEW: some_samples((100, 100), resident=44 * 2**20),
    }
    text = page([], {"sqlite": {"footprint": {BASE: start, NEW: start}, "query": query}})
    assert "| sqlite | base | 1.20 | 40.0 | 55.0 |  |  |  |" in text
    assert "| sqlite | new | 1.20 | 40.0 | 44.0 | 0.80 | at most 1.00: met |  |" in text


def test_a_load_has_its_rate_and_the_peak_of_its_memory() -> None:
    samples = some_samples((1600,), profiles=100_000, seconds=62.5, peak=90 * 2**20)
    assert "| sqlite | new | 100,000 | 1,600 | 62.5 | 90.0 |  |" in told("load", {NEW: samples})


def test_a_disturbed_run_says_so_and_marks_the_rounds() -> None:
    quiet, loud = some_samples((100, 100), others=0.04), some_samples(others=0.31)
    text = told("query", {BASE: [*quiet, *loud], NEW: [*loud, *quiet]})
    assert "**Disturbed rounds: 2 of 3 (31%).**" in text
    assert "| base | 100 | 1.00 | 3.00 | 500 | 0 | 1 of 3 (31%) |" in text
    assert "| sqlite | query | 2 of 3 (31%) | 1.00 |" in text


def test_an_undisturbed_run_says_so() -> None:
    assert "No round was disturbed." in told("query", {NEW: some_samples()})

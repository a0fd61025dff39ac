"""What was measured as a Markdown page: figures, ratios, and targets beside them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.arithmetic import median_ratio
from benchmarks.load.operations import IDENTIFY, IF_MATCH, OPERATIONS, QUERY, UPDATE
from benchmarks.measurements import Units
from benchmarks.rounds import Sample, Samples
from benchmarks.run import BARE, FOOTPRINT, LOAD, OPEN_MIXED, OPEN_QUERY

BASE, NEW = "base", "new"
DISTURBED = 0.05
"""The share of the processors beyond which others disturb a round."""

_MIB = 2**20
_EXPLAINED = """\
Figures are medians of the rounds, ratios medians of the ratios of each round. CPU is that of the
service's own processes for each request that was answered well. Errors are requests that were not,
and writes that were lost or made up, of all rounds. Disturbed are rounds in which others than the
services, their stores and the load used more than {share:.0%} of the processors; in brackets, the
most that they used."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a measured figure should be at most, or at ``least``."""

    figure: float
    least: bool = False

    def verdict(self, measured: float) -> str:
        """Judged as it is shown, to two decimals."""
        word = "at least" if self.least else "at most"
        shown = round(measured, 2)
        met = shown >= self.figure if self.least else shown <= self.figure
        return f"{word} {self.figure:.2f}: {'met' if met else '**missed**'}"


RATES = {
    ("cassandra", QUERY): 1.3,
    ("cassandra", UPDATE): 1.3,
    ("cassandra", IF_MATCH): 1.3,
    ("sqlite", QUERY): 0.85,
    ("sqlite", UPDATE): 1.5,
}
"""At least so many times the rate of the base."""

CPU = {
    ("cassandra", QUERY): 0.60,
    ("cassandra", UPDATE): 0.60,
    ("cassandra", IF_MATCH): 0.60,
    ("cassandra", IDENTIFY): 0.65,
}
"""At most so many times the CPU time of the base for each request."""

TAIL_RATIO, MEMORY_RATIO = Target(1.3), Target(1.0)


def page(conditions: Sequence[str], units: Units) -> str:
    """All of it, of whatever was measured so far."""
    sections = (_closed_loop, _ratios, _open_loop, _load, _footprint)
    parts = [
        "# What was measured",
        "\n".join(f"- {line}" for line in conditions),
        _disturbance(units),
        _EXPLAINED.format(share=DISTURBED),
        *(part for section in sections if (part := section(units))),
    ]
    return "\n\n".join(parts) + "\n"


def errors(units: Units) -> int:
    """Of all that was measured."""
    found = (samples for unit in _every(units) for samples in unit.values())
    return sum(map(_errors, found))


def _every(units: Units) -> Iterator[Samples]:
    return (samples for each in units.values() for samples in each.values())


def _of(units: Units, *names: str) -> Iterator[tuple[str, str, Samples]]:
    """Store, unit and samples of those that were measured."""
    for store, found in units.items():
        yield from ((store, name, found[name]) for name in names if name in found)


def _disturbance(units: Units) -> str:
    """Whether the run can be believed."""
    told = _disturbed([each for unit in _every(units) for each in _worst(unit)])
    return f"**Disturbed rounds: {told}.**" if told else "No round was disturbed."


def _closed_loop(units: Units) -> str:
    rows = (
        [
            store,
            operation,
            name,
            *(_number(_middle(each, key)) for key in ("rate", "p50", "p99", "cpu_us")),
            *_trouble(each),
        ]
        for store, operation, samples in _of(units, *OPERATIONS)
        for name, each in samples.items()
    )
    head = "store | operation | who | a second | p50 ms | p99 ms | CPU µs | errors | disturbed"
    return _section("Operations, in a closed loop", head, rows, 3)


def _ratios(units: Units) -> str:
    rows = []
    for store, operation, samples in _of(units, *OPERATIONS):
        if BASE in samples:
            row = [store, operation, _disturbed(_worst(samples))]
            for key, targets, least in (("rate", RATES, True), ("cpu_us", CPU, False)):
                ratio = median_ratio(
                    *([each[key] for each in samples[who]] for who in (NEW, BASE))
                )
                asked = targets.get((store, operation))
                row += [f"{ratio:.2f}", Target(asked, least).verdict(ratio) if asked else ""]
            rows.append(row)
    head = "store | operation | disturbed | rate | target | CPU | target"
    return _section("New, as a ratio to the base", head, rows, 3)


def _open_loop(units: Units) -> str:
    rows = (
        [
            store,
            load,
            name,
            *(_number(_middle(each, key)) for key in ("rate", "p50", "p99", "tail")),
            *_against_bare(name, samples),
            *_trouble(each),
        ]
        for store, load, samples in _of(units, OPEN_QUERY, OPEN_MIXED)
        for name, each in samples.items()
    )
    head = "store | load | who | a second | p50 ms | p99 ms | p99 / p50"
    more = "that of the bare route times | target | errors | disturbed"
    return _section("Latency at half of capacity, in an open loop", f"{head} | {more}", rows, 3)


def _against_bare(name: str, samples: Samples) -> tuple[str, str]:
    """The ratio of the tails, and for the working tree what it should be."""
    if name.startswith(BARE):
        return "", ""
    tails = ([each["tail"] for each in samples[who]] for who in (name, BARE + name))
    ratio = median_ratio(*tails)
    return f"{ratio:.2f}", TAIL_RATIO.verdict(ratio) if name == NEW else ""


def _load(units: Units) -> str:
    rows = (
        [
            store,
            name,
            f"{one['profiles']:,}",
            _number(one["rate"]),
            _number(one["seconds"]),
            _number(one["peak"] / _MIB),
            _disturbed([one]),
        ]
        for store, _, samples in _of(units, LOAD)
        for name, (one,) in samples.items()
    )
    head = "store | who | profiles | a second | seconds | peak MiB of all processes | disturbed"
    return _section("Load", head, rows, 2)


def _footprint(units: Units) -> str:
    rows = []
    for store, _, samples in _of(units, FOOTPRINT):
        after = {name: _resident_after(units[store], name) for name in samples}
        for name, each in samples.items():
            figures = _middle(each, "seconds"), _middle(each, "resident") / _MIB, after[name]
            ratio = after[NEW] / after[BASE] if name == NEW and after.get(BASE) else 0.0
            told = [f"{ratio:.2f}", MEMORY_RATIO.verdict(ratio)] if ratio else ["", ""]
            rows.append([store, name, *map(_number, figures), *told, _disturbed(each)])
    head = "store | who | s until ready | MiB of a worker | after the load | ratio | target"
    return _section("Start and memory", f"{head} | disturbed", rows, 2)


def _resident_after(found: dict[str, Samples], name: str) -> float:
    """MiB of a worker, the most after any round of an operation."""
    sizes = [each["resident"] for unit in OPERATIONS for each in found.get(unit, {}).get(name, ())]
    return max(sizes, default=0.0) / _MIB


def _middle(samples: Sequence[Sample], key: str) -> float:
    return float(median(each[key] for each in samples))


def _trouble(samples: Sequence[Sample]) -> tuple[str, str]:
    total = _errors(samples)
    return f"**{total}**" if total else "0", _disturbed(samples)


def _errors(samples: Iterable[Sample]) -> int:
    return sum(each.get("errors", 0) for each in samples)


def _disturbed(samples: Sequence[Sample]) -> str:
    shares = [each["others"] for each in samples if each["others"] > DISTURBED]
    return f"{len(shares)} of {len(samples)} ({max(shares):.0%})" if shares else ""


def _worst(samples: Samples) -> list[Sample]:
    """Of each round, the sample that was disturbed most."""
    return [
        max(each, key=lambda sample: sample["others"])
        for each in zip(*samples.values(), strict=True)
    ]


def _section(title: str, head: str, rows: Iterable[Sequence[str]], numbers_from: int) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    columns = head.count("|") + 1
    rule = "|".join("---" if column < numbers_from else "---:" for column in range(columns))
    return "\n".join([f"## {title}\n", f"| {head} |", f"|{rule}|", *lines])


def _number(value: float) -> str:
    """With as many digits as say something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"

"""The report: tables and plots of what was measured, in Markdown."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import plots
from benchmarks.figures import Line, Verdict, lines, middle, ratio, verdicts
from benchmarks.measurements import Measurements, Units
from benchmarks.parts import UNITS, operations

FOLDER = Path(__file__).parent
_FLOORS = (
    "driver",
    "flask gunicorn",
    "flask granian",
    "prototype gunicorn",
    "prototype granian",
    "kinto",
)


def write_report(saved: Measurements, folder: Path = FOLDER) -> Path:
    """``report.md`` and ``plots/`` in ``folder``; gives the path of the report."""
    units, pictures = saved.all(), folder / "plots"
    pictures.mkdir(exist_ok=True)
    plots.overview(units, pictures / "overview.svg")
    drawn = [
        unit
        for unit in UNITS
        if unit.startswith("growth-") and plots.growth(units, unit, pictures / f"{unit}.svg")
    ]
    path = folder / "report.md"
    path.write_text("\n".join([*_text(saved.machine(), units, drawn), ""]))
    return path


def _text(machine: dict[str, Any], units: Units, drawn: list[str]) -> Iterator[str]:
    yield from _head(machine, units)
    yield from _told_verdicts(verdicts(units))
    for store, found in units.items():
        yield from _operations(store, found)
    yield from _open(units)
    yield from _growth(units, drawn)
    yield from _bulk(units)
    yield from _footprint(units)


def _head(machine: dict[str, Any], units: Units) -> Iterator[str]:
    yield "# What was measured\n"
    command = "make bench" if not machine["quick"] else "python -m benchmarks --quick"
    yield f"By `{command}` on commit `{machine['commit']}`. The machine: {machine['processor']},"
    yield f"{machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']},"
    yield f"Python {machine['python']}. [docs/benchmarks.md](../docs/benchmarks.md) says what each"
    yield "figure means; service, floors, peer, load and store share these cores, so only the"
    yield "ratios carry over.\n"
    if machine["quick"]:
        yield "**A quick run, to try the suite out: few and short rounds, no figures to quote.**\n"
    reasons = {
        reason
        for found in units.values()
        for unit in found.values()
        for reason in unit.get("missing", {}).values()
    }
    for reason in sorted(reasons):
        yield f"The peer was not measured: {reason}.\n"
    if any("query" in found for found in units.values()):
        yield "![Requests a second of service, floors and peer](plots/overview.svg)\n"


def _told_verdicts(found: list[Verdict]) -> Iterator[str]:
    if found:
        yield "## Targets\n"
        rows = (
            (
                each.what,
                f"{each.measured:.2f}",
                f"{'at least' if each.least else 'at most'} {each.target:g}",
                "yes" if each.met else "**no**",
            )
            for each in found
        )
        yield from _table(("what", "measured", "target", "met"), rows)


def _operations(store: str, found: dict[str, Any]) -> Iterator[str]:
    measured = [unit for unit in operations.UNITS if unit in found]
    if not measured:
        return
    yield f"## Operations, {store}\n"
    yield "Closed loop over 16 connections; medians of the rounds. `refused`, `broken` (no answer)"
    yield "and `lost` (acknowledged and not stored) are sums over all rounds.\n"
    head = ("operation", "who", "a second", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs")
    rows = (
        _operation_row(unit, name, samples)
        for unit in measured
        for name, samples in found[unit]["samples"].items()
    )
    yield from _table((*head, "refused", "broken", "lost"), rows)
    yield "Rates of the service, as ratios to those of the same rounds:\n"
    yield from _table(("operation", "server", *_FLOORS), _ratio_rows(found, measured))


def _operation_row(unit: str, name: str, samples: list[dict[str, Any]]) -> tuple[str, ...]:
    figures = (middle(samples, figure) for figure in ("rate", "p50", "p99", "p999", "cpu_us"))
    counts = (
        str(sum(each[count] for each in samples)) if count in samples[0] else ""
        for count in ("non_2xx", "broken", "lost")
    )
    return (unit, name, *(_number(each) for each in figures), *counts)


def _ratio_rows(found: dict[str, Any], measured: list[str]) -> Iterator[tuple[str, ...]]:
    for unit in measured:
        samples = found[unit]["samples"]
        for name in samples:
            who, _, server = name.partition(" ")
            ratios = [ratio(samples, name, floor) for floor in _FLOORS]
            if who == "service" and any(ratios):
                told = ("" if each is None else f"{each:.2f}" for each in ratios)
                yield (unit, server, *told)


def _open(units: Units) -> Iterator[str]:
    rows = [
        (store, unit, server, *_open_row(measured))
        for store, found in units.items()
        for unit in ("open-query", "open-mixed")
        for server, measured in found.get(unit, {}).items()
    ]
    if rows:
        yield "## Open loop, at half of capacity\n"
        yield "Latency counts from the intended time. `late` is how long after it the median"
        yield "request was sent, `generator` the CPU time that sending and reading one took.\n"
        head = ("store", "load", "server", "a second", "p50 ms", "p99 ms", "p99.9 ms", "p99 / p50")
        yield from _table((*head, "refused", "unanswered", "late ms", "generator µs"), rows)


def _open_row(measured: dict[str, Any]) -> tuple[str, ...]:
    runs = measured["runs"]
    figures = [middle(runs, figure) for figure in ("rate", "p50", "p99", "p999")]
    tail = middle([{"tail": each["p99"] / each["p50"]} for each in runs], "tail")
    counts = [sum(each[count] for each in runs) for count in ("non_2xx", "unanswered")]
    cost = [middle(runs, figure) for figure in ("late", "generator_us")]
    return tuple(map(_number, (*figures, tail, *counts, *cost)))


def _growth(units: Units, drawn: list[str]) -> Iterator[str]:
    if not drawn:
        return
    yield "## Growth\n"
    yield "The exponent is the slope on axes that are both logarithmic: 0 where a cost does not"
    yield "grow, 1 where it grows as fast as what it is about; `last step` is that of the CPU"
    yield "time between the two largest sizes. One connection; for workers, 16.\n"
    head = ("by", "store", "request", "p50 ms", "exponent", "CPU µs", "exponent", "last step")
    rows = (
        _growth_row(found[name]["axis"], store, line)
        for name in drawn
        for store, found in units.items()
        if name in found
        for line in lines(found[name])
    )
    yield from _table(head, rows)
    for name in drawn:
        yield f"![{name.replace('-', ', ')}](plots/{name}.svg)\n"


def _growth_row(axis: str, store: str, line: Line) -> tuple[str, ...]:
    return (
        f"{axis}, {_span(line.sizes)}",
        store,
        line.name,
        _span(line.p50),
        f"{line.p50_exponent:.2f}",
        _span(line.cpu),
        f"{line.cpu_exponent:.2f}",
        f"{line.last_exponent:.2f}",
    )


def _span(values: tuple[float, ...]) -> str:
    return f"{_number(values[0])} to {_number(values[-1])}"


def _bulk(units: Units) -> Iterator[str]:
    rows = [
        (store, *(_number(middle(found["bulk"]["rounds"], name)) for name in _BULK))
        for store, found in units.items()
        if "bulk" in found
    ]
    if rows:
        yield "## Bulk\n"
        yield "Profiles a second: `profiles load`, its start included; the driver with the same"
        yield "conditional batches (on SQLite: transactions), without and with the entries that"
        yield "profiles are found by.\n"
        yield from _table(("store", "load", "batches", "batches and entries"), rows)
    loads = [
        (store, f"{int(count):,}", f"{load['seconds']:.0f}", f"{load['peak'] / 1e6:.0f}")
        for store, found in units.items()
        for count, load in found.get("growth-profiles", {}).get("loads", {}).items()
    ]
    if loads:
        yield from _table(("store", "profiles loaded", "seconds", "peak resident MB"), loads)


_BULK = ("load", "batches", "all")


def _footprint(units: Units) -> Iterator[str]:
    rows = [
        (
            store,
            server,
            _megabytes(measured["resident_before"]),
            _megabytes(measured["resident_after"]),
            f"{measured['ready_seconds']:.1f}",
            f"{found['footprint']['import_seconds']:.2f}",
            str(found["footprint"]["modules"]),
        )
        for store, found in units.items()
        for server, measured in found.get("footprint", {}).get("servers", {}).items()
    ]
    if rows:
        yield "## Memory and start\n"
        head = ("store", "server", "MB of each worker at start", "after load", "ready after s")
        yield from _table((*head, "import s", "modules"), rows)


def _megabytes(sizes: list[int]) -> str:
    return ", ".join(f"{size / 1e6:.0f}" for size in sizes)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(head)
    yield f"| {' | '.join(columns)} |"
    yield "|" + "---|" * len(columns)
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _number(value: float) -> str:
    """With as many digits as say something."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"

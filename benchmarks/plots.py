"""The figures as SVG."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from benchmarks.figures import Line, lines, middle
from benchmarks.measurements import Units
from benchmarks.recording import QUERY, UPDATE

# The same file for the same figures.
mpl.rcParams["svg.hashsalt"] = "bench"
mpl.rcParams["svg.fonttype"] = "none"
_COLOURS = {
    "service": "#1f6f8b",
    "driver": "#9aa5b1",
    "flask": "#c9b458",
    "prototype": "#8f7fb0",
    "kinto": "#b5543c",
}
_WIDTH, _HEIGHT = 8.0, 3.6


def overview(units: Units, path: Path) -> None:
    """Requests a second of query and update: service, floors, peer."""
    panels = [
        (f"{unit}, {store}", found[unit]["samples"])
        for store, found in units.items()
        for unit in (QUERY, UPDATE)
        if unit in found
    ]
    if panels:
        figure = Figure(figsize=(_WIDTH, 1.0 + 1.9 * len(panels)), layout="constrained")
        axes = figure.subplots(len(panels), squeeze=False)[:, 0]
        for axis, (title, samples) in zip(axes, panels, strict=True):
            _bars(axis, title, {name: middle(each, "rate") for name, each in samples.items()})
        axes[-1].set_xlabel("answered well, a second (logarithmic)")
        _save(figure, path)


def _bars(axis: Any, title: str, rates: dict[str, float]) -> None:
    names = list(rates)[::-1]
    values = [rates[name] for name in names]
    bars = axis.barh(names, values, color=[_COLOURS[name.partition(" ")[0]] for name in names])
    axis.bar_label(bars, [f"{value:,.0f}" for value in values], padding=3, fontsize=9)
    axis.set_xscale("log")
    axis.set_xlim(min(values) / 3, max(values) * 4)
    axis.set_title(title, loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)


def growth(units: Units, unit: str, path: Path) -> bool:
    """Milliseconds and CPU microseconds of a request by size; whether there is any figure."""
    found = {store: each[unit] for store, each in units.items() if unit in each}
    if not found:
        return False
    figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
    time, cpu = figure.subplots(1, 2)
    for store, measured in found.items():
        style = "-" if store == "embedded" else "--"
        for line in lines(measured):
            _draw(time, line, line.p50, f"{line.name}, {store}: {line.p50_exponent:+.2f}", style)
            _draw(cpu, line, line.cpu, f"{line.name}, {store}: {line.cpu_exponent:+.2f}", style)
    axis_name = next(iter(found.values()))["axis"]
    for axis, title in ((time, "median, ms"), (cpu, "CPU of the service, µs")):
        axis.set_title(title, loc="left", fontsize=10)
        axis.set_xlabel(axis_name)
        axis.xaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_formatter(LogFormatter())
        axis.grid(visible=True, which="major", alpha=0.3)
        axis.legend(fontsize=7, title="exponent", title_fontsize=7)
    _save(figure, path)
    return True


def _draw(axis: Any, line: Line, values: tuple[float, ...], label: str, style: str) -> None:
    draw: Callable[..., object] = axis.loglog
    draw(line.sizes, values, style, marker="o", markersize=3, label=label)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})

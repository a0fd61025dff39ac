"""What all runs came to, as one table in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.checker import Report

HEAD = (
    "scenario",
    "operations",
    "faults",
    "acknowledged",
    "lost",
    "unknown settled",
    "unknown left",
    "longest without a read / a write",
    "violations",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario, and how often something was done to it."""

    name: str
    faults: int
    report: Report


def table(rows: Sequence[Row]) -> str:
    """One line for each, and their sum; the longest of the times."""
    lines = [HEAD, ("---",) * len(HEAD), *map(_cells, rows), _sum(rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    report = row.report
    counts = (report.operations, row.faults, report.acknowledged, report.lost)
    return (
        row.name,
        *(f"{count:,}" for count in (*counts, report.settled, report.left)),
        f"{report.no_read:.1f} s / {report.no_write:.1f} s",
        str(len(report.violations)),
    )


def _sum(rows: Sequence[Row]) -> tuple[str, ...]:
    reports = [row.report for row in rows]
    return _cells(
        Row(
            "all",
            sum(row.faults for row in rows),
            Report(
                operations=sum(each.operations for each in reports),
                acknowledged=sum(each.acknowledged for each in reports),
                settled=sum(each.settled for each in reports),
                left=sum(each.left for each in reports),
                no_read=max(each.no_read for each in reports),
                no_write=max(each.no_write for each in reports),
                violations=[violation for each in reports for violation in each.violations],
            ),
        )
    )

"""The points of a line of growth, and how each is measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import sample, wrk
from benchmarks.bench import Sample
from benchmarks.client import of_tenant, send
from benchmarks.processes import Server
from benchmarks.recording import IDENTIFY_QUERY
from benchmarks.sample import customer_id, digits
from benchmarks.wrk import Load

QUERY, UPDATE, HISTORY, IDENTIFY = "query", "update", "history", "identify"
_HISTORY_PATH = f"/profiles/000000{sample.TOKEN}/history?limit=10"

Measured = dict[str, Callable[[float], Sample]]


@dataclass(frozen=True, slots=True)
class Point:
    """One profile that stands for a point; ``body`` is a file with what it is."""

    server: Server
    number: int
    body: Path
    tenant: int = 1

    def overwrite(self, times: int) -> None:
        """One after the other, on top of the write that made it."""
        body = sample.parsed(self.body.read_text())
        path = f"/profiles/{customer_id(digits(self.number))}"
        for _ in range(times - 1):
            send(self.server.url, "PUT", path, body, of_tenant(self.tenant))

    def measured(self, line: str, query: str, seconds: float) -> Sample:
        """One request again and again, over one connection."""
        options: dict[str, object] = {"first": self.number, "body": self.body, "query": query}
        options["tenant"] = self.tenant
        if line == HISTORY:
            options |= {"path": _HISTORY_PATH, "query": ""}
        kind = "put" if line == UPDATE else "get"
        return wrk.run(self.server, Load(kind, seconds, options, connections=1))


@dataclass(frozen=True, slots=True)
class Population:
    """Any of several profiles stands for a point; ``tenants`` have one each, 0 for one tenant."""

    server: Server
    profiles: int
    folder: Path
    tenants: int = 0
    connections: int = 1

    def measured(self, line: str, seconds: float) -> Sample:
        """Requests about one profile after the other."""
        body = self.folder / "body"
        body.write_text(sample.body())
        options = {"count": self.profiles, "body": body, "tenants": self.tenants}
        options |= {"identify": IDENTIFY_QUERY}
        kind = {QUERY: "get", UPDATE: "put", IDENTIFY: "identify"}[line]
        return wrk.run(self.server, Load(kind, seconds, options, self.connections))


def of_one(points: Mapping[Any, Point], lines: tuple[str, ...], query: str = "") -> Measured:
    """Each point on each line, named by both."""
    return {
        f"{line} {size}": partial(point.measured, line, query)
        for line in lines
        for size, point in points.items()
    }


def of_all(points: Mapping[int, Population], lines: tuple[str, ...]) -> Measured:
    """The same where a point is about several profiles."""
    return {
        f"{line} {size}": partial(point.measured, line)
        for line in lines
        for size, point in points.items()
    }


def by_line(samples: Mapping[str, list[Sample]]) -> dict[str, dict[str, list[Sample]]]:
    """The samples of each line by point, from those by the names of both."""
    found: dict[str, dict[str, list[Sample]]] = {}
    for name, each in samples.items():
        line, _, point = name.partition(" ")
        found.setdefault(line, {})[point] = each
    return found

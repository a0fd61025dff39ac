"""How the cost of a request grows with what it is about.

Every point of a line is made ready first, then all are measured in turn, over one connection:
the time is what one caller waits, and the CPU time that of the service.
"""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

from benchmarks import sample, service, stores
from benchmarks.bench import Bench, Contenders
from benchmarks.client import of_tenant, send
from benchmarks.parts.points import (
    HISTORY,
    QUERY,
    UPDATE,
    Point,
    Population,
    by_line,
    of_all,
    of_one,
)
from benchmarks.processes import Server
from benchmarks.sample import customer_id, digits
from benchmarks.service import Deployment
from benchmarks.stores import Stores
from benchmarks.wrk import CONNECTIONS

KILOBYTES = (0.3, 3, 30, 300)
RECORDS = (1, 10, 100, 1000, 3000)
OVERWRITES, QUICK_OVERWRITES = (1, 10, 100, 1000, 10_000), (1, 10, 100, 1000)
TENANTS, QUICK_TENANTS = (1, 10, 100, 1000), (1, 10, 100)
ATTRIBUTES = (5, 50, 500)
WORKERS = (1, 2, 3, 4)
SECONDS = 1
_PROFILES = 1000
_OF_DEFINITIONS = 5000


class Growth:
    """The lines that are measured on one store with one service."""

    def __init__(self, bench: Bench, made: Stores) -> None:
        self._bench = bench
        self._made = made
        self.units: dict[str, Callable[[], dict[str, Any]]] = {
            "growth-size": partial(self._with_service, self.sizes),
            "growth-records": partial(self._with_service, self.records),
            "growth-overwrites": partial(self._with_service, self.overwrites),
            "growth-tenants": partial(self._with_service, self.tenants),
            "growth-definition": partial(self._with_service, self.definitions),
            "growth-workers": self.workers,
        }

    def sizes(self, server: Server) -> dict[str, Any]:
        """Of a profile, as one long text."""
        points = {}
        for number, kilobytes in enumerate(KILOBYTES):
            body = {"FirstName": "Bruce", "Title": "x" * int(kilobytes * 1000 - 60)}
            points[kilobytes] = self._point(server, 1_000_000 + number, body)
        return self._measured("KB", of_one(points, (QUERY, UPDATE)))

    def records(self, server: Server) -> dict[str, Any]:
        """Of a multi-valued extension, each of which the profile is found by."""
        points = {}
        for number, records in enumerate(RECORDS):
            phones = [{"PhoneNumber": f"{number}{each:07d}"} for each in range(records)]
            points[records] = self._point(server, 1_100_000 + number, {"Phone": phones})
        return self._measured("records", of_one(points, (QUERY, UPDATE), "?extensions=Phone"))

    def overwrites(self, server: Server) -> dict[str, Any]:
        """Of one profile: what its history has is as many versions."""
        times = QUICK_OVERWRITES if self._bench.quick else OVERWRITES
        points = {}
        for number, count in enumerate(times):
            point = self._point(server, 1_200_000 + number, sample.CORE)
            point.overwrite(count)
            points[count] = point
        return self._measured("overwrites", of_one(points, (QUERY, HISTORY)))

    def tenants(self, server: Server) -> dict[str, Any]:
        """With one profile each, asked for in turn."""
        counts = QUICK_TENANTS if self._bench.quick else TENANTS
        for number in range(max(counts)):
            self._put(server.url, number, sample.CORE, 1 + number)
        folder = self._bench.folder
        points = {count: Population(server, count, folder, tenants=count) for count in counts}
        return self._measured("tenants", of_all(points, (QUERY, UPDATE)))

    def definitions(self, server: Server) -> dict[str, Any]:
        """Of a tenant, by attributes; the profile has five of them."""
        points = {}
        for number, attributes in enumerate(ATTRIBUTES):
            tenant = _OF_DEFINITIONS + number
            headers = of_tenant(tenant)
            core = send(server.url, "GET", "/metadata/profiles", headers=headers)
            more = [{"name": f"Extra{each}", "type": "string"} for each in range(attributes)]
            send(server.url, "PUT", "/metadata/profiles", [*core, *more], headers)
            body = {f"Extra{each}": "value" for each in range(5)}
            points[attributes] = self._point(server, 1_300_000, body, tenant)
        return self._measured("attributes", of_one(points, (QUERY, UPDATE)))

    def workers(self) -> dict[str, Any]:
        """With as many connections as two workers have threads."""
        address = self._made.prepared("growth")
        stores.fill(address, self._bench.folder, range(_PROFILES))
        folder, points = self._bench.folder, {}
        with ExitStack() as stack:
            for count in WORKERS:
                deployment = Deployment(address, folder, workers=count)
                server = stack.enter_context(service.serving(deployment))
                points[count] = Population(server, _PROFILES, folder, connections=CONNECTIONS)
            return self._measured("workers", of_all(points, (QUERY, UPDATE)))

    def _with_service(self, line: Callable[[Server], dict[str, Any]]) -> dict[str, Any]:
        address = self._made.prepared("growth")
        with service.serving(Deployment(address, self._bench.folder)) as server:
            return line(server)

    def _point(self, server: Server, number: int, body: dict[str, Any], tenant: int = 1) -> Point:
        file = self._bench.folder / f"body-{number}-{tenant}"
        file.write_text(sample.dumped(sample.filled(body, number)))
        self._put(server.url, number, body, tenant)
        return Point(server, number, file, tenant)

    def _put(self, url: str, number: int, body: dict[str, Any], tenant: int) -> None:
        filled = sample.filled(body, number)
        headers = of_tenant(tenant) | {"If-None-Match": "*"}
        send(url, "PUT", f"/profiles/{customer_id(digits(number))}", filled, headers)

    def _measured(self, axis: str, contenders: Contenders) -> dict[str, Any]:
        """Samples by line and point; a contender is named by both."""
        samples = self._bench.in_turn(contenders, SECONDS)
        return {"axis": axis, "lines": by_line(samples)}


UNITS = (
    "growth-size",
    "growth-records",
    "growth-overwrites",
    "growth-tenants",
    "growth-definition",
    "growth-workers",
)


def measure(bench: Bench, made: Stores, store: str) -> None:
    """All lines that were asked for."""
    growth = Growth(bench, made)
    bench.measure(store, UNITS, lambda unit: growth.units[unit]())

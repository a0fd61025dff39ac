"""Latency at half of what the service can do, counted from the intended time."""

from collections.abc import Iterator
from functools import partial
from itertools import accumulate
from random import Random
from statistics import median
from typing import Any

from benchmarks import open_loop, sample, service, stores, wrk
from benchmarks.bench import Bench
from benchmarks.recording import IDENTIFY_QUERY
from benchmarks.sample import TOKEN, customer_id, digits
from benchmarks.service import Deployment
from benchmarks.stores import Stores
from benchmarks.wrk import Load

UNITS = ("open-query", "open-mixed")
PROFILES = 1000
SECONDS = 10
_READS, _IDENTIFIES = 0.6, 0.9


def measure(bench: Bench, made: Stores, store: str) -> None:
    """Each server in turn, of which the capacity was measured just before."""
    if not bench.wanted(store, UNITS):
        return
    address = made.prepared("open")
    stores.fill(address, bench.folder, range(PROFILES))
    deployments = {name: Deployment(address, bench.folder, name) for name in service.servers()}
    bench.measure(store, UNITS, partial(_unit, bench, deployments))


def _unit(bench: Bench, deployments: dict[str, Deployment], unit: str) -> dict[str, Any]:
    return {name: _of_server(bench, each, unit) for name, each in deployments.items()}


def _of_server(bench: Bench, deployment: Deployment, unit: str) -> dict[str, Any]:
    body = bench.folder / "body"
    body.write_text(sample.body())
    options = {"count": PROFILES, "body": body, "identify": IDENTIFY_QUERY}
    kind = {"open-query": "get", "open-mixed": "mixed"}[unit]
    with service.serving(deployment) as server:
        wrk.run(server, Load(kind, 1, options))
        rates = [wrk.run(server, Load(kind, bench.seconds(2), options))["rate"] for _ in range(3)]
        rate = median(rates) / 2
        runs = [
            open_loop.run(server.url, requests(unit), rate, bench.seconds(SECONDS))
            for _ in range(bench.rounds)
        ]
    return {"capacity": rate * 2, "runs": runs}


def requests(unit: str) -> Iterator[bytes]:
    """Endless, and the same each time: queries evenly, or the mix by Zipf's law."""
    random = Random(1)
    weights = list(accumulate(1 / rank for rank in range(1, PROFILES + 1)))
    while True:
        if unit == "open-query":
            yield _get(random.randrange(PROFILES))
            continue
        (rank,) = random.choices(range(PROFILES), cum_weights=weights)
        number, draw = rank * 7919 % PROFILES, random.random()
        if draw < _READS:
            yield _get(number)
        elif draw < _IDENTIFIES:
            yield _request("GET", "/profiles" + IDENTIFY_QUERY.replace(TOKEN, digits(number)))
        else:
            yield _request("PUT", _path(number), sample.body().replace(TOKEN, digits(number)))


def _get(number: int) -> bytes:
    return _request("GET", _path(number))


def _path(number: int) -> str:
    return f"/profiles/{customer_id(digits(number))}"


def _request(method: str, path: str, body: str = "") -> bytes:
    content = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: bench\r\n{content}\r\n{body}".encode()

"""What one worker changes for all: every other one follows within a second."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from urllib3 import HTTPHeaderDict

from app.settings import CassandraStore, EmbeddedStore
from tests.support.creators import a_tenant
from tests.support.server import Answer, Service, serving, wait_until

WORKERS = 4
IN_FORCE_SECONDS = 1.0
WATCHED_SECONDS = 1.3
EXTENSIONS = "/metadata/profiles/extensions"
ATTRIBUTES = "/metadata/profiles"
NOTE = {
    "name": "Note",
    "type": "single-valued",
    "attributes": [{"name": "text", "type": "string"}],
}


class Line:
    """A connection that is kept open, so that one worker answers all that is sent on it."""

    def __init__(self, service: Service, tenant: int) -> None:
        self._headers = {"X-Genesys-TenantId": str(tenant), "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(service.bind, timeout=30)
        self.send("GET", "/health/live")
        self.worker = self._answering(service)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, self._headers | named)
        response = self._connection.getresponse()
        return Answer(response.status, HTTPHeaderDict(response.getheaders()), response.read())

    def close(self) -> None:
        self._connection.close()

    def _answering(self, service: Service) -> int:
        here = self._connection.sock.getsockname()
        found: int = next(
            worker.pid
            for worker in service.workers()
            for each in worker.net_connections(kind="tcp")
            if each.raddr and tuple(each.raddr) == here
        )
        return found


@contextmanager
def lines_to_every_worker(service: Service, tenant: int) -> Iterator[list[Line]]:
    """A line to each worker; whichever takes a connection answers on it."""
    wait_until(lambda: len(service.workers()) == WORKERS)
    opened, lines = list[Line](), dict[int, Line]()

    def complete() -> bool:
        with ThreadPoolExecutor(WORKERS) as pool:
            opened.extend(pool.map(lambda _: Line(service, tenant), range(WORKERS)))
        lines.update({line.worker: line for line in opened})
        return len(lines) == WORKERS

    try:
        wait_until(complete)
        yield list(lines.values())
    finally:
        for line in opened:
            line.close()


@dataclass(frozen=True, slots=True)
class Watched:
    """What one request showed: when it was sent, and whether the worker followed the new."""

    sent_at: float
    new: bool


@dataclass
class Watch:
    """Asks every worker again and again, before, during and after a change."""

    lines: list[Line]
    is_new: Callable[[Line], bool]
    seen: dict[int, list[Watched]] = field(default_factory=dict)

    def around(self, change: Callable[[], Answer]) -> None:
        """Make the change, by whichever worker, while all are asked; each follows in time."""
        done = Event()
        with ThreadPoolExecutor(WORKERS) as pool:
            asking = [pool.submit(self._ask, line, done) for line in self.lines]
            try:
                wait_until(lambda: len(self.seen) == WORKERS)
                answer = change()
                answered_at = time.monotonic()
                assert answer.status in {200, 201, 204}, answer
                wait_until(lambda: time.monotonic() > answered_at + WATCHED_SECONDS)
            finally:
                done.set()
            for each in asking:
                each.result()
        self._assert_followed(answered_at)

    def _ask(self, line: Line, done: Event) -> None:
        while not done.is_set():
            sent_at = time.monotonic()
            watched = Watched(sent_at, self.is_new(line))
            self.seen.setdefault(line.worker, []).append(watched)
            done.wait(0.01)

    def _assert_followed(self, answered_at: float) -> None:
        assert len(self.seen) == WORKERS
        for watched in self.seen.values():
            late = [each for each in watched if each.sent_at > answered_at + IN_FORCE_SECONDS]
            assert not watched[0].new
            assert late
            assert all(each.new for each in late)


@pytest.fixture
def service(address: EmbeddedStore | CassandraStore, tmp_path: Path) -> Iterator[Service]:
    with serving(address, tmp_path, PROFILES_WORKERS=str(WORKERS)) as running:
        yield running


def test_every_worker_follows_a_changed_definition_within_a_second(service: Service) -> None:
    tenant = a_tenant()

    def change(method: str, path: str, body: object = None) -> Callable[[], Answer]:
        return lambda: service.send(method, path, body, X_Genesys_TenantId=str(tenant))

    with lines_to_every_worker(service, tenant) as lines:
        path = lines[0].send("POST", "/profiles", {"FirstName": "Bruce"}).headers["Location"]
        attributes = lines[0].send("GET", ATTRIBUTES).json
        _is_accepted(lines, path, {"Note": {"text": "x"}}).around(change("POST", EXTENSIONS, NOTE))
        _is_accepted(lines, path, {"Nick": "Hulk"}).around(
            change("PUT", ATTRIBUTES, [*attributes, a_string("Nick")])
        )
        _is_accepted(lines, path, {"Nick": "H"}, refused=True).around(
            change("PUT", f"{ATTRIBUTES}?force=true", attributes)
        )
        _is_accepted(lines, path, {"Title": "12345"}, refused=True).around(
            change("PUT", ATTRIBUTES, shortened(attributes, "Title", 4))
        )
        _is_shown(lines, path, "Note").around(change("DELETE", f"{EXTENSIONS}/Note"))


def test_every_worker_follows_the_mode_within_a_second_also_after_a_restart(
    address: EmbeddedStore | CassandraStore, tmp_path: Path
) -> None:
    tenant, requests = a_tenant(), 0
    try:
        with serving(address, tmp_path, PROFILES_WORKERS=str(WORKERS)) as service:
            with lines_to_every_worker(service, tenant) as lines:
                set_mode(service, "production")
                _is_in_maintenance(lines).around(lambda: set_mode(service, "maintenance"))
            requests = status_of(service)["request_today"]
        with serving(address, tmp_path, PROFILES_WORKERS=str(WORKERS)) as service:
            status = status_of(service)
            assert status["mode"] == "maintenance"
            assert status["request_today"] >= requests
            with lines_to_every_worker(service, tenant) as lines:
                assert {line.send("GET", "/profiles/x").status for line in lines} == {503}
                _is_in_maintenance(lines, over=True).around(
                    lambda: set_mode(service, "production")
                )
    finally:
        with serving(address, tmp_path) as service:
            assert service.send("POST", "/server/mode", {"mode": "production"}).status == 200


def a_string(name: str) -> dict[str, Any]:
    return {"name": name, "type": "string"}


def shortened(attributes: list[dict[str, Any]], name: str, length: int) -> list[dict[str, Any]]:
    return [each | ({"length": length} if each["name"] == name else {}) for each in attributes]


def set_mode(service: Service, mode: str) -> Answer:
    return service.send("POST", "/server/mode", {"mode": mode})


def status_of(service: Service) -> dict[str, Any]:
    told: dict[str, Any] = service.send("GET", "/server/status").json
    return told


def _is_accepted(
    lines: list[Line], path: str, body: dict[str, Any], *, refused: bool = False
) -> Watch:
    """Watches for ``body`` to be accepted, or not any more."""

    def is_new(line: Line) -> bool:
        # The condition is never fulfilled, so that nothing is written and nobody contends.
        status = line.send("PUT", path, body, If_Match='"0-none"').status
        assert status in {400, 412}
        return (status == 400) is refused

    return Watch(lines, is_new)


def _is_shown(lines: list[Line], path: str, extension: str) -> Watch:
    """Watches for the extension to be unknown."""

    def is_new(line: Line) -> bool:
        status = line.send("GET", f"{path}?extensions={extension}").status
        assert status in {200, 400}
        return status == 400

    return Watch(lines, is_new)


def _is_in_maintenance(lines: list[Line], *, over: bool = False) -> Watch:
    """Watches for the service to refuse what is about profiles, or not any more."""

    def is_new(line: Line) -> bool:
        status = line.send("GET", "/profiles/x").status
        assert status in {404, 503}
        return (status == 404) is over

    return Watch(lines, is_new)

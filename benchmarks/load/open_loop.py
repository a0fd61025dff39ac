"""Load at a constant rate, whatever becomes of it: latency counts from the intended time.

A server that stops for a moment makes all wait that were to be sent meanwhile. A closed loop
would not have sent them, and shows one slow answer instead of many. One thread in one process;
``select`` waits to the microsecond, where epoll does to the millisecond.
"""

import resource
import select
import socket
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from urllib.parse import urlsplit

from benchmarks.arithmetic import percentile
from benchmarks.load import sample
from benchmarks.load.operations import PROFILES
from benchmarks.load.sample import IDENTIFY_QUERY, TOKEN, customer_id, digits
from benchmarks.rounds import Sample

_CHUNK = 65_536
_PATIENCE_SECONDS = 10
_CONNECTIONS = 64
_READS, _IDENTIFIES = 0.6, 0.9


@dataclass
class _Connection:
    socket: socket.socket
    intended: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes, intended: float) -> None:
        self.intended = intended
        self.received.clear()
        self.socket.sendall(request)

    def read(self) -> int | None:
        """The status once the whole answer is there.

        :raises ConnectionError: the server has closed.
        """
        chunk = self.socket.recv(_CHUNK)
        if not chunk:
            raise ConnectionError("the server closed a connection")
        self.received += chunk
        return status_of(self.received)


def status_of(received: bytes | bytearray) -> int | None:
    """The status of an answer, None while some of it is still to come."""
    head_end = received.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    status, *lines = bytes(received[:head_end]).lower().split(b"\r\n")
    lengths = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
    length = lengths[0] if lengths else 0
    if len(received) < head_end + 4 + length:
        return None
    return int(status.split(b" ", 2)[1])


def queries() -> Iterator[bytes]:
    """Endless, and the same each time."""
    random = Random(1)
    while True:
        yield _request("GET", _path_of(random.randrange(PROFILES)))


def mixed() -> Iterator[bytes]:
    """The same mix as in the closed loop, of profiles by Zipf's law."""
    random = Random(1)
    weights = list(accumulate(1 / rank for rank in range(1, PROFILES + 1)))
    while True:
        (rank,) = random.choices(range(PROFILES), cum_weights=weights)
        number, draw = rank * 7919 % PROFILES, random.random()
        if draw < _READS:
            yield _request("GET", _path_of(number))
        elif draw < _IDENTIFIES:
            yield _request("GET", "/profiles" + IDENTIFY_QUERY.replace(TOKEN, digits(number)))
        else:
            yield _request("PUT", _path_of(number), sample.body().replace(TOKEN, digits(number)))


def _path_of(number: int) -> str:
    return f"/profiles/{customer_id(digits(number))}"


def _request(method: str, path: str, body: str = "") -> bytes:
    content = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: bench\r\n{content}\r\n{body}".encode()


def run(url: str, requests: Iterable[bytes], rate: float, seconds: float) -> Sample:
    """Send ``requests`` at ``rate`` a second; times of those answered well, in milliseconds.

    ``tail`` is p99 / p50, ``late`` how long after its time the median request was sent,
    ``generator_us`` the CPU time that sending and reading took here.
    """
    place = urlsplit(url)
    connections = [_connected(place.hostname, place.port) for _ in range(_CONNECTIONS)]
    before, loop = _cpu(), _Loop(connections)
    total = int(rate * seconds)
    loop.run(iter(requests), rate, total)
    for each in connections:
        each.socket.close()
    times, late = sorted(loop.times), sorted(loop.late)
    answered = len(times) + loop.refused
    p50, p99 = percentile(times, 50), percentile(times, 99)
    return {
        "rate": rate,
        "requests": answered,
        "errors": loop.refused + total - answered,
        "p50": p50 * 1e3,
        "p99": p99 * 1e3,
        "tail": p99 / p50 if p50 else 0.0,
        "late": percentile(late, 50) * 1e3,
        "generator_us": (_cpu() - before) / max(answered, 1) * 1e6,
    }


class _Loop:
    """Sends what is due over an idle connection, or over the next that becomes one."""

    def __init__(self, connections: list[_Connection]) -> None:
        self._idle = deque(connections)
        self._busy: dict[socket.socket, _Connection] = {}
        self.times: list[float] = []
        self.late: list[float] = []
        self.refused = 0

    def run(self, requests: Iterator[bytes], rate: float, total: int) -> None:
        begin = time.perf_counter()
        sent, end = 0, begin + total / rate + _PATIENCE_SECONDS
        while (sent < total or self._busy) and (now := time.perf_counter()) < end:
            due = begin + sent / rate
            if sent < total and now >= due and self._idle:
                self._send(next(requests), due, now)
                sent += 1
                continue
            wait = due - now if sent < total and self._idle else end - now
            readable, _, _ = select.select(self._busy, [], [], max(wait, 0.0))
            for each in readable:
                self._receive(each)

    def _send(self, request: bytes, due: float, now: float) -> None:
        connection = self._idle.popleft()
        connection.send(request, due)
        self._busy[connection.socket] = connection
        self.late.append(now - due)

    def _receive(self, readable: socket.socket) -> None:
        connection = self._busy[readable]
        status = connection.read()
        if status is None:
            return
        if status < 300:
            self.times.append(time.perf_counter() - connection.intended)
        else:
            self.refused += 1
        del self._busy[readable]
        self._idle.append(connection)


def _connected(host: str | None, port: int | None) -> _Connection:
    found = socket.create_connection((host or "127.0.0.1", port or 80), timeout=30)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Connection(found)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

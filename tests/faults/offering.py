"""Requests from a process of their own: as fast as they are answered, or as fast as told.

On plain sockets, as what the client takes of a processor the service does not get.
"""

import multiprocessing
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

PROFILES = 500
PROBE_SECONDS = 0.02
CALM_SECONDS = 1.0
PATIENCE_SECONDS = 30.0
NO_ANSWER = 0

_BODY = b'{"FirstName": "Bruce", "LastName": "Banner", "DOB": "1962-05-10"}'
_BODY_FIELDS = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(_BODY)


@dataclass(frozen=True, slots=True)
class Answered:
    """How long an answer took, in seconds, and its status, or `NO_ANSWER`."""

    seconds: float
    status: int


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of all requests, sent within ``seconds``.

    ``recovered_after``: seconds from the last of them until every further one was answered.
    """

    answers: list[Answered]
    seconds: float
    recovered_after: float


def as_answered(bind: str, clients: int, seconds: float) -> Offered:
    """Each of ``clients`` sends the next request when it has an answer (a closed loop)."""
    return _in_a_process(_closed, bind, clients, seconds)


def at_rate(bind: str, rate: float, seconds: float) -> Offered:
    """``rate`` requests a second, whatever is answered (an open loop)."""
    return _in_a_process(_open, bind, rate, seconds)


@dataclass(slots=True)
class _Line:
    """One connection, with at most one request on it."""

    socket: socket.socket
    begun_at: float = 0.0
    received: bytes = b""


@dataclass(slots=True)
class _Client:
    """Has as many connections as there are requests under way."""

    bind: str
    answers: list[Answered] = field(default_factory=list)
    under_way: int = 0
    _sent: int = 0
    _idle: list[_Line] = field(default_factory=list)
    _poller: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)

    def send(self) -> None:
        """One more request."""
        begun_at = time.monotonic()
        line = self._idle.pop() if self._idle else self._connected()
        line.begun_at, line.received = begun_at, b""
        self.under_way += 1
        self._sent += 1
        try:
            line.socket.sendall(_request(self._sent))
        except OSError:
            self._end(line, NO_ANSWER)

    def receive(self, seconds: float) -> None:
        """What comes within this time, as soon as anything comes."""
        for key, _ in self._poller.select(max(0.0, seconds)):
            self._read(key.data)

    def send_until_calm(self) -> float:
        """One request after the other; after how many seconds no more of them were refused."""
        begin = calm_since = time.monotonic()
        while time.monotonic() < min(calm_since + CALM_SECONDS, begin + PATIENCE_SECONDS):
            known = len(self.answers)
            self.send()
            self._receive_all()
            if any(each.status != 200 for each in self.answers[known:]):
                calm_since = time.monotonic()
            self.receive(PROBE_SECONDS)
        return calm_since - begin

    def _receive_all(self) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while self.under_way and time.monotonic() < end:
            self.receive(PROBE_SECONDS)

    def _connected(self) -> _Line:
        host, _, port = self.bind.partition(":")
        line = _Line(socket.create_connection((host, int(port))))
        self._poller.register(line.socket, selectors.EVENT_READ, line)
        return line

    def _read(self, line: _Line) -> None:
        try:
            data = line.socket.recv(65536)
        except OSError:
            data = b""
        line.received += data
        head, end, body = line.received.partition(b"\r\n\r\n")
        fields = head.lower()
        length = fields.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if not data:
            self._end(line, NO_ANSWER)
        elif end and len(body) >= int(length or 0):
            self._end(line, int(head[9:12]), keep=b"connection: close" not in fields)

    def _end(self, line: _Line, status: int, *, keep: bool = False) -> None:
        if line in self._idle:  # the service closes what is idle
            self._idle.remove(line)
        else:
            self.under_way -= 1
            self.answers.append(Answered(time.monotonic() - line.begun_at, status))
        if keep:
            self._idle.append(line)
        else:
            self._poller.unregister(line.socket)
            line.socket.close()


Offer = Callable[[_Client, float, float], None]


def _in_a_process(offer: Offer, bind: str, amount: float, seconds: float) -> Offered:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as pool:
        return pool.submit(_run, offer, bind, amount, seconds).result()


def _run(offer: Offer, bind: str, amount: float, seconds: float) -> Offered:
    client, begin = _Client(bind), time.monotonic()
    offer(client, amount, seconds)
    took, late = time.monotonic() - begin, client.under_way
    counted = len(client.answers) + late
    recovered_after = client.send_until_calm()
    return Offered(client.answers[:counted], took, recovered_after)


def _closed(client: _Client, clients: float, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        while client.under_way < clients:
            client.send()
        client.receive(end - time.monotonic())


def _open(client: _Client, rate: float, seconds: float) -> None:
    begin, number = time.monotonic(), 0
    while number < rate * seconds:
        due = begin + number / rate
        if time.monotonic() >= due:
            client.send()
            number += 1
            client.receive(0)
        else:
            client.receive(due - time.monotonic())


def _request(number: int) -> bytes:
    """Every fifth updates a profile, the others query one."""
    profile = number * 7919 % PROFILES
    if number % 5:
        return b"GET /profiles/load%d HTTP/1.1\r\nHost: h\r\n\r\n" % profile
    return b"PUT /profiles/load%d HTTP/1.1\r\nHost: h\r\n%s\r\n%s" % (profile, _BODY_FIELDS, _BODY)

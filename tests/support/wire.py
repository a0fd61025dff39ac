"""Bytes to and from a service, without a client that knows better."""

import contextlib
import json
import select
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from urllib3 import HTTPHeaderDict

from tests.support.server import Service

PATIENCE_SECONDS = 60
LIVE = b"GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n"
NOBODY = b"GET /profiles/nobody HTTP/1.1\r\nHost: h\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Received:
    """An answer."""

    status: int
    fields: HTTPHeaderDict
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One connection."""

    def __init__(self, service: Service) -> None:
        host, _, port = service.bind.partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)
        self._read = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self) -> Received:
        """The next answer.

        :raises AssertionError: the connection ended before it.
        """
        first = self._read.readline()
        assert first, "the connection has ended"
        fields = HTTPHeaderDict()
        for line in iter(self._read.readline, b"\r\n"):
            name, _, text = line.decode().strip().partition(": ")
            fields[name] = text
        body = self._read.read(int(fields.get("Content-Length", 0)))
        return Received(int(first.split()[1]), fields, body)

    def has_ended(self) -> bool:
        """Whether nothing else comes; waits for that."""
        return self._read.read() == b""

    def close(self) -> None:
        self._read.close()
        self.socket.close()


@contextlib.contextmanager
def wires(service: Service, count: int) -> Iterator[list[Wire]]:
    """Connections, closed at the end."""
    opened = list[Wire]()
    try:
        for _ in range(count):
            opened.append(Wire(service))
        yield opened
    finally:
        for each in opened:
            each.close()


def answered(waiting: list[Wire], count: int) -> list[Wire]:
    """Those of ``waiting`` that something has come on; waits until they are ``count``."""
    found = list[Wire]()
    while len(found) < count:
        left = [each.socket for each in waiting if each not in found]
        ready, _, _ = select.select(left, [], [], PATIENCE_SECONDS)
        assert ready, f"only {len(found)} were answered"
        found += [each for each in waiting if each.socket in ready]
    return found

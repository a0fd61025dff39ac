"""One client's connections to the instances of a service, each request on one of them in turn."""

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from select import select
from typing import Any

from app.limits import TENANT_HEADER
from app.services.preconditions import unmarked
from tests.faults.gate import Gate

ANSWER_SECONDS = 15.0
REFUSED_PAUSE_SECONDS = 0.02


class NoAnswer(Exception):
    """The request was sent, or a part of it, and nothing came back: nobody knows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``body`` is JSON, None where there is none."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def tag(self) -> str:
        """What stands for the version in the entity tag."""
        return unmarked(self.headers.get("ETag", "").strip('"'))

    @property
    def code(self) -> str:
        return str(self.body["code"]) if self.status >= 400 else ""


@dataclass
class Wire:
    """``binds`` are HOST:PORT; ``place`` is this client's in the gate."""

    binds: Sequence[str]
    tenant: int
    gate: Gate
    place: int
    _connections: dict[str, HTTPConnection] = field(default_factory=dict)
    _turn: int = 0

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """``headers`` as If_Match="...".

        What was refused a connection was not sent, so it is sent to the next instance.

        :raises NoAnswer: see there.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named[TENANT_HEADER] = str(self.tenant)
        if body is not None:
            named.setdefault("Content-Type", "application/json")
        data = None if body is None else json.dumps(body)
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            self._turn = self.gate.enter(self.place, self._turn + 1)
            connection = self._connection(self.binds[self._turn])
            try:
                if connection.sock is None:
                    connection.connect()
            except ConnectionRefusedError:
                self.gate.passed(self.place)
                if time.monotonic() > deadline:
                    raise NoAnswer from None
                time.sleep(REFUSED_PAUSE_SECONDS)
            except OSError:
                self.gate.passed(self.place)
                raise NoAnswer from None
            else:
                return self._exchange(connection, method, path, data, named)

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()

    def _exchange(
        self,
        connection: HTTPConnection,
        method: str,
        path: str,
        data: str | None,
        headers: Mapping[str, str],
    ) -> Answer:
        try:
            try:
                connection.request(method, path, data, headers)
            finally:
                self.gate.passed(self.place)
            response = connection.getresponse()
            text = response.read()
        except (OSError, HTTPException):
            connection.close()
            raise NoAnswer from None
        parsed = None
        with contextlib.suppress(ValueError):
            parsed = json.loads(text)
        return Answer(response.status, dict(response.headers), parsed)

    def _connection(self, bind: str) -> HTTPConnection:
        """One that the other side has not ended while nothing was sent, as a proxy sees too."""
        connection = self._connections.setdefault(
            bind, HTTPConnection(bind, timeout=ANSWER_SECONDS)
        )
        if connection.sock is not None and select([connection.sock], [], [], 0)[0]:
            connection.close()
        return connection

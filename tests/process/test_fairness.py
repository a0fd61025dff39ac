"""Many requests of one connection, sent at once, do not come before those of others."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

from argon2 import PasswordHasher

from app.settings import EmbeddedStore
from tests.support.access import HASH, KEY, access_file, basic
from tests.support.server import Service, serving, wait_until
from tests.support.wire import PATIENCE_SECONDS, Wire, wires

CONNECTIONS = 4
PROFILES = 100
QUERIES = 500
GUESSES = 60
BATCH_BYTES = 60_000
"""One client may send so many bytes ahead of the answers."""


class Batch(Thread):
    """One connection that sends all its requests at once, and reads the answers."""

    def __init__(self, wire: Wire, requests: list[bytes]) -> None:
        super().__init__(daemon=True)
        assert sum(map(len, requests)) < BATCH_BYTES
        self._wire = wire
        self._requests = requests
        self.statuses: list[int] = []

    def run(self) -> None:
        with contextlib.suppress(AssertionError, OSError):  # it was given up
            self._wire.send(b"".join(self._requests))
            for _ in self._requests:
                self.statuses.append(self._wire.receive().status)


@contextlib.contextmanager
def batches(service: Service, requests: list[bytes]) -> Iterator[list[Batch]]:
    """Several, of which the first is begun; given up when the block is left."""
    with wires(service, CONNECTIONS) as opened:
        sent = [Batch(each, requests) for each in opened]
        for each in sent:
            each.start()
        try:
            wait_until(lambda: any(each.statuses for each in sent))
            yield sent
        finally:
            for wire in opened:
                wire.socket.shutdown(socket.SHUT_RDWR)
            for each in sent:
                each.join(PATIENCE_SECONDS)


def test_others_are_answered_between_the_queries_of_a_batch(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    query = (
        b"GET /profiles?LastName=Multi&limit=1000&include_profile=yes&extensions=* HTTP/1.1\r\n"
    )
    with serving(embedded_address, tmp_path, PROFILES_WORKERS="1") as service:
        for _ in range(PROFILES):
            service.send("POST", "/profiles", {"LastName": "Multi", "Title": "x" * 200})
        with batches(service, [query + b"Host: h\r\n\r\n"] * QUERIES) as sent:
            statuses = [service.send("GET", "/profiles/nobody").status for _ in range(5)]
            assert not any(len(each.statuses) == QUERIES for each in sent)
            assert statuses == [404] * 5
            assert {status for each in sent for status in each.statuses} <= {200, 503}


def test_others_are_answered_between_the_guesses_of_a_batch(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    """Each password takes a while to look at, by design."""
    file = access_file(tmp_path)
    file.write_text(file.read_text().replace(HASH, PasswordHasher().hash("another")))
    settings = {"PROFILES_AUTH": "basic,api_key", "PROFILES_AUTH_FILE": str(file)}
    guesses = [
        b"GET /profiles/nobody HTTP/1.1\r\nHost: h\r\nAuthorization: %s\r\n\r\n"
        % basic("anna", f"guess {number}").encode()
        for number in range(GUESSES)
    ]
    with serving(embedded_address, tmp_path, PROFILES_WORKERS="1", **settings) as service:
        with batches(service, guesses) as sent:
            statuses = [
                service.send("GET", "/profiles/nobody", X_API_Key=KEY).status for _ in range(5)
            ]
            assert not any(len(each.statuses) == GUESSES for each in sent)
            assert statuses == [404] * 5
            assert service.send("GET", "/health/live").status == 200

"""Requests in all the ways that HTTP has to send them on a connection."""

import contextlib
import http.client
import json
from collections.abc import Iterator

import pytest

from app.settings import EmbeddedStore
from tests.support.server import Service, serving
from tests.support.wire import LIVE, NOBODY, Wire, wires

POST = b"POST /profiles HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
WITH_LENGTH = POST + b"Content-Length: 2\r\n\r\n{}"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
def service(
    embedded_address: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory, server: str
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("connections")
    with serving(embedded_address, folder, PROFILES_SERVER=server) as running:
        yield running


@pytest.fixture
def wire(service: Service) -> Iterator[Wire]:
    with wires(service, 1) as (opened,):
        yield opened


def test_requests_that_are_sent_at_once_are_answered_in_their_order(wire: Wire) -> None:
    sent = [NOBODY, WITH_LENGTH, CHUNKED, LIVE, CHUNKED, NOBODY, WITH_LENGTH]
    wire.send(b"".join(sent))
    wanted = [404, 201, 201, 200, 201, 404, 201]
    assert [wire.receive().status for _ in sent] == wanted


def test_requests_that_come_in_odd_pieces_are_answered_in_their_order(wire: Wire) -> None:
    sent = (NOBODY + CHUNKED + WITH_LENGTH + LIVE) * 3
    for first in range(0, len(sent), 37):
        wire.send(sent[first : first + 37])
    assert [wire.receive().status for _ in range(12)] == [404, 201, 201, 200] * 3


def test_a_connection_serves_one_request_after_the_other(service: Service) -> None:
    connection = http.client.HTTPConnection(service.bind, timeout=30)
    connection.connect()
    kept = connection.sock
    for number in range(5):
        connection.request("PUT", f"/profiles/kept{number}", "{}", {"If-None-Match": "*"})
        assert connection.getresponse().read()
    assert connection.sock is kept
    connection.close()


def test_a_body_that_waits_for_consent_gets_it_once(wire: Wire) -> None:
    wire.send(POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert wire.receive().status == 100
    wire.send(b"{}")
    assert wire.receive().status == 201
    wire.send(LIVE)
    assert wire.receive().status == 200


def test_a_body_over_the_limit_that_waits_for_consent_is_refused(wire: Wire) -> None:
    wire.send(POST + b"Content-Length: 9999999\r\nExpect: 100-continue\r\n\r\n")
    first = wire.receive().status
    assert (wire.receive().status if first == 100 else first) == 413


def test_a_large_body_is_taken_in(wire: Wire) -> None:
    body = json.dumps({"LastName": "x" * 200, "FirstName": " "}).ljust(1024 * 1024).encode()
    for _ in range(2):
        wire.send(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert wire.receive().status == 201


def test_a_body_that_nobody_reads_leaves_the_connection_usable(wire: Wire) -> None:
    body = b"x" * 500_000
    wire.send(NOBODY.replace(b"\r\n\r\n", b"\r\nContent-Length: %d\r\n\r\n" % len(body)) + body)
    assert wire.receive().status == 404
    wire.send(LIVE)
    assert wire.receive().status == 200


def test_the_answer_to_a_body_over_the_limit_is_not_lost(wire: Wire) -> None:
    wire.send(POST + b"Content-Length: 3000000\r\n\r\n")
    wire.send(b"x" * 3_000_000)
    assert wire.receive().status == 413


def test_an_endless_head_is_refused(wire: Wire) -> None:
    wire.send(b"GET / HTTP/1.1\r\n" + b"X-A: y\r\n" * 10_000)
    assert wire.receive().status == 431


def test_endless_chunk_sizes_are_refused(wire: Wire) -> None:
    wire.send(POST + b"Transfer-Encoding: chunked\r\n\r\n")
    with contextlib.suppress(OSError):  # one that is refused early may be closed
        wire.send((b"1;" + b"x" * 8000 + b"\r\n \r\n") * 300)
    assert wire.receive().status in {400, 413}

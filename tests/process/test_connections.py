"""Requests in all the ways that HTTP has to send them on a connection."""

import contextlib
import http.client
import json
from collections.abc import Iterator

import pytest

from app.settings import EmbeddedStore
from tests.support.server import Service, serving
from tests.support.wire import LIVE, NOBODY, Wire, exchanged, statuses, wires

POST = b"POST /profiles HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
WITH_LENGTH = POST + b"Content-Length: 2\r\n\r\n{}"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
ENDLESS = 2_000_000


@pytest.fixture(scope="module")
def service(
    embedded_address: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    with serving(embedded_address, tmp_path_factory.mktemp("connections")) as running:
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


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        pytest.param([LIVE], [200], id="a request"),
        pytest.param([WITH_LENGTH], [201], id="a body"),
        pytest.param([CHUNKED[:-1], CHUNKED[-1:]], [201], id="a body in pieces"),
        pytest.param([WITH_LENGTH, NOBODY], [201, 404], id="two requests"),
        pytest.param([WITH_LENGTH + NOBODY + CHUNKED], [201, 404, 201], id="three at once"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_a_client_that_closes_its_half_is_answered_all_that_it_asked(
    service: Service, sent: list[bytes], wanted: list[int]
) -> None:
    assert statuses(exchanged(service.bind, *sent, ends=True)) == wanted


def test_what_a_client_writes_before_it_closes_its_half_is_stored(service: Service) -> None:
    for number in range(20):
        put = b"PUT /profiles/half%d HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
        put += b"If-None-Match: *\r\nContent-Length: 2\r\n\r\n{}"
        assert statuses(exchanged(service.bind, put % number, ends=True)) == [201]
        assert service.send("GET", f"/profiles/half{number}").status == 200


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
    with contextlib.suppress(OSError):  # one that is refused early may be closed
        wire.send(b"GET / HTTP/1.1\r\n" + b"X-A: y\r\n" * 10_000)
    assert wire.receive().status == 431


def test_an_endless_request_line_is_refused(wire: Wire) -> None:
    with contextlib.suppress(OSError):
        wire.send(b"GET /" + b"x" * ENDLESS)
    assert wire.receive().status == 414


def test_an_endless_chunk_size_is_refused(wire: Wire) -> None:
    with contextlib.suppress(OSError):
        wire.send(POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * ENDLESS)
    assert wire.receive().status in {400, 413, 431}


@pytest.mark.parametrize(
    "trailers",
    [
        pytest.param(b"X: " + b"\r" * ENDLESS, id="carriage returns"),
        pytest.param(b"X: " + b"y" * ENDLESS, id="one line"),
        pytest.param(b"X: y\r\n" * (ENDLESS // 6), id="lines"),
        pytest.param(b";" * ENDLESS, id="no name"),
    ],
)
def test_endless_trailers_are_refused(wire: Wire, trailers: bytes) -> None:
    """Looked through from their start with every byte that comes, they would take all of a
    processor."""
    with contextlib.suppress(OSError):
        wire.send(POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + trailers)
    assert wire.receive().status in {400, 413, 431}
    assert wire.has_ended()

"""Bytes that are no proper HTTP: refused as a problem, on a real socket."""

import json
import socket
from collections.abc import Iterator

import pytest

from app.settings import EmbeddedStore
from tests.support.server import Service, serving

PUT = b"PUT /profiles/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
LIVE = GET + b"Connection: close\r\n\r\n"
SMUGGLED = (
    b"PUT /profiles/smuggled HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"If-None-Match: *\r\nContent-Length: 2\r\n\r\n{}"
)


def length(text: bytes) -> bytes:
    return PUT + b"Content-Length: %s\r\n\r\n{}" % text


def coding(field: bytes) -> bytes:
    return PUT + field + b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n"


def chunks(text: bytes) -> bytes:
    return PUT + b"Transfer-Encoding: chunked\r\n\r\n" + text


REFUSED: dict[str, tuple[int, bytes]] = {
    "length, then chunks": (400, coding(b"Content-Length: 6\r\nTransfer-Encoding: chunked")),
    "chunks, then length": (400, coding(b"Transfer-Encoding: chunked\r\nContent-Length: 3")),
    "chunked not last": (400, coding(b"Transfer-Encoding: chunked, identity")),
    "chunked twice": (400, coding(b"Transfer-Encoding: chunked, chunked")),
    "chunked in two headers": (
        400,
        coding(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    ),
    "identity and length": (400, length(b"2\r\nTransfer-Encoding: identity")),
    "unknown coding": (501, coding(b"Transfer-Encoding: xchunked")),
    "quoted coding": (501, coding(b'Transfer-Encoding: "chunked"')),
    "vertical tab before coding": (400, coding(b"Transfer-Encoding:\x0bchunked")),
    "space before colon": (400, coding(b"Transfer-Encoding : chunked")),
    "folded coding": (400, coding(b"Transfer-Encoding:\r\n chunked")),
    "chunks in HTTP/1.0": (400, coding(b"Transfer-Encoding: chunked").replace(b"1.1", b"1.0")),
    "same length twice": (400, length(b"2\r\nContent-Length: 2")),
    "two lengths": (400, length(b"2\r\nContent-Length: 0")),
    "list of lengths": (400, length(b"2, 2")),
    "length with a sign": (400, length(b"+2")),
    "negative length": (400, length(b"-2")),
    "length in hexadecimal": (400, length(b"0x2")),
    "length with an underscore": (400, length(b"1_0")),
    "length in other digits": (400, length("٢".encode())),
    "no length": (400, length(b"")),
    "length with a fraction": (400, length(b"2.0")),
    "huge length": (413, length(b"9" * 400)),
    "folded header": (400, GET + b"X: a\r\n b\r\n\r\n"),
    "blank before the first header": (400, b"GET / HTTP/1.1\r\n Host: x\r\n\r\n"),
    "bare line feeds": (400, GET.replace(b"\r\n", b"\n") + b"\n"),
    "bare line feed in a header": (400, GET + b"X: a\nY: b\r\n\r\n"),
    "bare carriage return in a header": (400, GET + b"X: a\rY: b\r\n\r\n"),
    "NUL in a header": (400, GET + b"X: a\0b\r\n\r\n"),
    "NUL in a name": (400, GET + b"X\0: a\r\n\r\n"),
    "control character in a header": (400, GET + b"X: a\x1b[31m\r\n\r\n"),
    "blank in a name": (400, GET + b"X Y: a\r\n\r\n"),
    "no colon": (400, GET + b"XY\r\n\r\n"),
    "no name": (400, GET + b": a\r\n\r\n"),
    "two hosts": (400, GET + b"Host: y\r\n\r\n"),
    "100,000 bytes of header": (431, GET + b"X: " + b"y" * 100_000 + b"\r\n\r\n"),
    "200 names": (431, GET + b"".join(b"X%d: y\r\n" % each for each in range(200)) + b"\r\n"),
    "blank in the target": (400, b"GET /health/live x HTTP/1.1\r\nHost: x\r\n\r\n"),
    "tabs in the request line": (400, b"GET\t/health/live\tHTTP/1.1\r\nHost: x\r\n\r\n"),
    "NUL in the target": (400, b"GET /health/\0live HTTP/1.1\r\nHost: x\r\n\r\n"),
    "no slash": (400, b"GET health/live HTTP/1.1\r\nHost: x\r\n\r\n"),
    "bytes in the target": (400, b"GET /profiles/\xff HTTP/1.1\r\nHost: x\r\n\r\n"),
    "small letters": (400, b"get /health/live HTTP/1.1\r\nHost: x\r\n\r\n"),
    "odd method": (400, b"G@T /health/live HTTP/1.1\r\nHost: x\r\n\r\n"),
    "10,000 bytes of method": (414, b"A" * 10_000 + b" / HTTP/1.1\r\nHost: x\r\n\r\n"),
    "no version": (400, b"GET /health/live\r\n\r\n"),
    "HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "PROXY protocol": (400, b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + GET + b"\r\n"),
    "odd expectation": (400, length(b"2\r\nExpect: 200-ok")),
    "bare line feeds in chunks": (400, chunks(b"2\n{}\n0\n\n")),
    "negative chunk": (400, chunks(b"-2\r\n{}\r\n0\r\n\r\n")),
    "chunk with a sign": (400, chunks(b"+2\r\n{}\r\n0\r\n\r\n")),
    "chunk with 0x": (400, chunks(b"0x2\r\n{}\r\n0\r\n\r\n")),
    "longer chunk than told": (400, chunks(b"2\r\n{}X\r\n0\r\n\r\n")),
    "huge chunk": (400, chunks(b"f" * 40 + b"\r\n{}\r\n0\r\n\r\n")),
    "malformed trailer": (400, chunks(b"2\r\n{}\r\n0\r\nX Y\r\n\r\n")),
}
TAKEN: dict[str, tuple[int, bytes]] = {
    "tab before the coding": (404, coding(b"Transfer-Encoding:\tchunked")),
    "coding in capitals": (404, coding(b"TRANSFER-ENCODING: CHUNKED")),
    "underscores": (404, length(b"2\r\nTransfer_Encoding: chunked")),
    "chunk with an extension": (404, chunks(b"2;a=b\r\n{}\r\n0\r\n\r\n")),
    "chunk with zeros in front": (404, chunks(b"0002\r\n{}\r\n0\r\n\r\n")),
    "trailer": (404, chunks(b"2\r\n{}\r\n0\r\nX: y\r\n\r\n")),
    "empty line in front": (200, b"\r\n" + GET + b"\r\n"),
    "absolute target": (200, GET.replace(b"/health", b"http://evil.example/health") + b"\r\n"),
    "target that is no path": (404, b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
    "upgrade that is not known": (200, GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
    "bytes in a header": (200, GET + b"X: \xff\xfe\r\n\r\n"),
}


@pytest.fixture(scope="module")
def service(
    embedded_address: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    with serving(embedded_address, tmp_path_factory.mktemp("malformed")) as running:
        yield running


def answers(service: Service, sent: bytes) -> bytes:
    """All that is answered to ``sent``, after which nothing is sent."""
    host, _, port = service.bind.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read()


def exchange(service: Service, sent: bytes) -> tuple[int, str, bytes]:
    """Status, media type and body of the answer to ``sent``."""
    answer = answers(service, sent)
    head, _, body = answer.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    return int(head.split()[1]), fields["Content-Type"], body


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        pytest.param(b"\x00\x01\x02\r\n\r\n", 400, "bad_request", id="no request line"),
        pytest.param(b"GET /\r\n\r\n", 400, "bad_request", id="no version"),
        pytest.param(
            b"GET /health/live HTTP/1.1\r\nHost : x\r\n\r\n", 400, "bad_request", id="bad header"
        ),
        pytest.param(
            PUT + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            "bad_request",
            id="two lengths",
        ),
        pytest.param(
            PUT + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            400,
            "bad_request",
            id="smuggling",
        ),
        pytest.param(
            PUT + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "bad_request", id="bad chunk"
        ),
        pytest.param(PUT + b"Content-Length: 9\r\n\r\n{}", 400, "bad_request", id="cut body"),
        pytest.param(
            b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", 414, "path_too_long", id="path"
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
            431,
            "headers_too_large",
            id="headers",
        ),
        pytest.param(
            PUT + b"Transfer-Encoding: rot13\r\n\r\n", 501, "not_implemented", id="transfer coding"
        ),
    ],
)
def test_what_is_no_proper_request_is_refused_as_a_problem(
    service: Service, sent: bytes, status: int, code: str
) -> None:
    answered, media_type, body = exchange(service, sent)
    assert (answered, media_type) == (status, "application/problem+json")
    assert json.loads(body)["code"] == code
    assert service.send("GET", "/profiles/x").status == 404


@pytest.mark.parametrize("name", REFUSED)
def test_what_two_servers_may_read_in_two_ways_is_refused_and_ends_the_connection(
    service: Service, name: str
) -> None:
    """What comes behind it is never a request of its own."""
    status, sent = REFUSED[name]
    answer = answers(service, sent + SMUGGLED)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nContent-Type: application/problem+json" in head
    assert json.loads(body)["status"] == status
    assert service.send("GET", "/profiles/smuggled").status == 404
    assert service.send("GET", "/profiles/x").status == 404


@pytest.mark.parametrize("name", TAKEN)
def test_what_can_be_read_in_one_way_only_is_followed_by_the_next_request(
    service: Service, name: str
) -> None:
    status, sent = TAKEN[name]
    answer = answers(service, sent + LIVE)
    assert answer.count(b"HTTP/1.1 ") == 2
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.endswith(b'{"status":"alive"}')


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "BREW", "PRI"])
def test_a_method_that_no_path_has_is_refused_with_those_it_has(
    service: Service, method: str
) -> None:
    sent = b"%s /profiles/x HTTP/1.1\r\nHost: x\r\n\r\n" % method.encode()
    head, _, body = answers(service, sent).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nAllow: " in head
    assert json.loads(body)["code"] == "method_not_allowed"


def test_a_tenant_cannot_be_named_by_a_header_that_only_looks_alike(service: Service) -> None:
    """Proxies let underscores pass that WSGI cannot tell from hyphens."""
    sent = b"PUT /profiles/alike HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    sent += b"If-None-Match: *\r\nContent-Length: 2\r\nX_Genesys_TenantId: 7\r\n\r\n{}"
    assert answers(service, sent).startswith(b"HTTP/1.1 201 ")
    assert service.send("GET", "/profiles/alike").status == 200
    assert service.send("GET", "/profiles/alike", X_Genesys_TenantId="7").status == 404


def test_a_tenant_cannot_be_named_in_a_trailer_or_twice(service: Service) -> None:
    twice = b"X-Genesys-TenantId: 1\r\nX-Genesys-TenantId: 7\r\n"
    sent = b"GET /profiles/x HTTP/1.1\r\nHost: x\r\n" + twice + b"\r\n"
    assert answers(service, sent).startswith(b"HTTP/1.1 400 ")
    chunks = b"2\r\n{}\r\n0\r\nX-Genesys-TenantId: 7\r\n\r\n"
    sent = b"PUT /profiles/late HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    sent += b"If-None-Match: *\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    assert answers(service, sent).startswith(b"HTTP/1.1 201 ")
    assert service.send("GET", "/profiles/late").status == 200
    assert service.send("GET", "/profiles/late", X_Genesys_TenantId="7").status == 404


def test_a_client_cannot_move_the_paths(service: Service) -> None:
    moved = b"GET /x/health/live HTTP/1.1\r\nHost: x\r\nSCRIPT_NAME: /x\r\n\r\n"
    answered, _, body = exchange(service, moved)
    assert (answered, json.loads(body)["code"]) == (404, "resource_not_found")


def test_a_body_over_the_limit_is_refused_also_without_a_length(service: Service) -> None:
    chunk = b"%x\r\n%s\r\n" % (2**16, b" " * 2**16)
    sent = PUT + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17 + b"0\r\n\r\n"
    answered, media_type, body = exchange(service, sent)
    assert (answered, media_type) == (413, "application/problem+json")
    assert json.loads(body)["code"] == "body_too_large"


def test_a_connection_goes_on_after_a_refused_body(service: Service) -> None:
    refused = PUT + b"Content-Length: 2\r\n\r\n{,"
    answer = answers(service, refused + LIVE)
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.endswith(b'{"status":"alive"}')

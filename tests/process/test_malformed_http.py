"""Bytes that are no proper HTTP: refused as a problem, on a real socket."""

import json
import re
from collections.abc import Iterator

import pytest

from app.http_problems import HTTP_PROBLEMS
from app.settings import EmbeddedStore
from tests.support.server import Service, serving
from tests.support.wire import LIVE, exchanged, statuses, wires

PUT = b"PUT /profiles/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
LAST = GET + b"Connection: close\r\n\r\n"
SMUGGLED = (
    b"PUT /profiles/smuggled HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"If-None-Match: *\r\nContent-Length: 2\r\n\r\n{}"
)
HIDDEN = b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: hidden\r\n\r\n"


def length(text: bytes) -> bytes:
    return PUT + b"Content-Length: %s\r\n\r\n{}" % text


def coding(field: bytes) -> bytes:
    return PUT + field + b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n"


def chunks(text: bytes) -> bytes:
    return PUT + b"Transfer-Encoding: chunked\r\n\r\n" + text


BAD, LONG, LARGE, UNKNOWN = {400}, {414}, {431}, {400, 501}
REFUSED: dict[str, tuple[set[int], bytes]] = {
    "no request line": (BAD, b"\x00\x01\x02\r\n\r\n"),
    "length, then chunks": (BAD, coding(b"Content-Length: 6\r\nTransfer-Encoding: chunked")),
    "chunks, then length": (BAD, coding(b"Transfer-Encoding: chunked\r\nContent-Length: 3")),
    "chunked not last": (BAD, coding(b"Transfer-Encoding: chunked, identity")),
    "chunked twice": (BAD, coding(b"Transfer-Encoding: chunked, chunked")),
    "chunked in two headers": (
        BAD,
        coding(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    ),
    "identity and length": (BAD, length(b"2\r\nTransfer-Encoding: identity")),
    "another coding without chunks": (BAD, length(b"2\r\nTransfer-Encoding: gzip")),
    "unknown coding": (UNKNOWN, coding(b"Transfer-Encoding: xchunked")),
    "quoted coding": (UNKNOWN, coding(b'Transfer-Encoding: "chunked"')),
    "vertical tab before coding": (BAD, coding(b"Transfer-Encoding:\x0bchunked")),
    "space before colon": (BAD, coding(b"Transfer-Encoding : chunked")),
    "space before the colon of the host": (BAD, b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"),
    "folded coding": (BAD, coding(b"Transfer-Encoding:\r\n chunked")),
    "chunks in HTTP/1.0": (BAD, coding(b"Transfer-Encoding: chunked").replace(b"1.1", b"1.0")),
    "same length twice": (BAD, length(b"2\r\nContent-Length: 2")),
    "two lengths": (BAD, length(b"2\r\nContent-Length: 0")),
    "list of lengths": (BAD, length(b"2, 2")),
    "length with a sign": (BAD, length(b"+2")),
    "negative length": (BAD, length(b"-2")),
    "length in hexadecimal": (BAD, length(b"0x2")),
    "length with an underscore": (BAD, length(b"1_0")),
    "length in other digits": (BAD, length("٢".encode())),
    "no length": (BAD, length(b"")),
    "length with a fraction": (BAD, length(b"2.0")),
    "huge length": ({400, 413}, length(b"9" * 400)),
    "folded header": (BAD, GET + b"X: a\r\n b\r\n\r\n"),
    "blank before the first header": (BAD, b"GET / HTTP/1.1\r\n Host: x\r\n\r\n"),
    "bare line feeds": (BAD, GET.replace(b"\r\n", b"\n") + b"\n"),
    "bare line feed in a header": (BAD, GET + b"X: a\nY: b\r\n\r\n"),
    "bare carriage return in a header": (BAD, GET + b"X: a\rY: b\r\n\r\n"),
    "NUL in a header": (BAD, GET + b"X: a\0b\r\n\r\n"),
    "NUL in a name": (BAD, GET + b"X\0: a\r\n\r\n"),
    "control character in a header": (BAD, GET + b"X: a\x1b[31m\r\n\r\n"),
    "blank in a name": (BAD, GET + b"X Y: a\r\n\r\n"),
    "no colon": (BAD, GET + b"XY\r\n\r\n"),
    "no name": (BAD, GET + b": a\r\n\r\n"),
    "two hosts": (BAD, GET + b"Host: y\r\n\r\n"),
    "100,000 bytes of header": (LARGE, GET + b"X: " + b"y" * 100_000 + b"\r\n\r\n"),
    "200 names": (LARGE, GET + b"".join(b"X%d: y\r\n" % each for each in range(200)) + b"\r\n"),
    "a name 200 times": (LARGE, GET + b"X: y\r\n" * 200 + b"\r\n"),
    "blank in the target": (BAD, b"GET /health/live x HTTP/1.1\r\nHost: x\r\n\r\n"),
    "tabs in the request line": (BAD, b"GET\t/health/live\tHTTP/1.1\r\nHost: x\r\n\r\n"),
    "NUL in the target": (BAD, b"GET /health/\0live HTTP/1.1\r\nHost: x\r\n\r\n"),
    "no slash": (BAD, b"GET health/live HTTP/1.1\r\nHost: x\r\n\r\n"),
    "bytes in the target": (BAD, b"GET /profiles/\xff HTTP/1.1\r\nHost: x\r\n\r\n"),
    "9,000 bytes of target": (LONG, b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    "small letters": (BAD, b"get /health/live HTTP/1.1\r\nHost: x\r\n\r\n"),
    "odd method": (BAD, b"G@T /health/live HTTP/1.1\r\nHost: x\r\n\r\n"),
    "10,000 bytes of method": (LONG, b"A" * 10_000 + b" / HTTP/1.1\r\nHost: x\r\n\r\n"),
    "no version": (BAD, b"GET /health/live\r\n\r\n"),
    "HTTP/2": (BAD, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "PROXY protocol": (BAD, b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + GET + b"\r\n"),
    "bare line feeds in chunks": (BAD, chunks(b"2\n{}\n0\n\n")),
    "bare line feed in a chunk extension": (BAD, chunks(b"2;a\n{}\r\n0\r\n\r\n")),
    "bare carriage return in a chunk extension": (BAD, chunks(b"2;a\rb\r\n{}\r\n0\r\n\r\n")),
    "no chunk size": (BAD, chunks(b"zz\r\n{}\r\n0\r\n\r\n")),
    "negative chunk": (BAD, chunks(b"-2\r\n{}\r\n0\r\n\r\n")),
    "chunk with a sign": (BAD, chunks(b"+2\r\n{}\r\n0\r\n\r\n")),
    "chunk with 0x": (BAD, chunks(b"0x2\r\n{}\r\n0\r\n\r\n")),
    "blank behind a chunk size": (BAD, chunks(b"2 \r\n{}\r\n0\r\n\r\n")),
    "longer chunk than told": (BAD, chunks(b"2\r\n{}X\r\n0\r\n\r\n")),
    "huge chunk": (BAD, chunks(b"f" * 40 + b"\r\n{}\r\n0\r\n\r\n")),
    "bare line feed in a trailer": (BAD, chunks(b"2\r\n{}\r\n0\r\nX: y\n\r\n")),
}
TAKEN: dict[str, tuple[int, bytes]] = {
    "tab before the coding": (404, coding(b"Transfer-Encoding:\tchunked")),
    "coding in capitals": (404, coding(b"TRANSFER-ENCODING: CHUNKED")),
    "underscores": (404, length(b"2\r\nTransfer_Encoding: chunked")),
    "chunk with an extension": (404, chunks(b"2;a=b\r\n{}\r\n0\r\n\r\n")),
    "chunk with zeros in front": (404, chunks(b"0002\r\n{}\r\n0\r\n\r\n")),
    "trailer": (404, chunks(b"2\r\n{}\r\n0\r\nX: y\r\n\r\n")),
    "trailer without a colon": (404, chunks(b"2\r\n{}\r\n0\r\nX Y\r\n\r\n")),
    "length with zeros in front": (404, length(b"002")),
    "length with thousands of zeros in front": (404, length(b"0" * 5000 + b"2")),
    "expectation that is not known": (404, length(b"2\r\nExpect: 200-ok")),
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


def exchange(service: Service, sent: bytes) -> tuple[int, str, bytes]:
    """Status, media type and body of the answer to ``sent``, which is the last."""
    head, _, body = exchanged(service.bind, sent).partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    named = {name.lower(): text for name, text in fields.items()}
    return int(head.split()[1]), named["content-type"], body


@pytest.mark.parametrize("name", REFUSED)
def test_what_two_servers_may_read_in_two_ways_is_refused_and_ends_the_connection(
    service: Service, name: str
) -> None:
    """What comes behind it is never a request of its own."""
    wanted, sent = REFUSED[name]
    answer = exchanged(service.bind, sent + SMUGGLED)
    (status,) = statuses(answer)
    assert status in wanted
    assert service.send("GET", "/profiles/smuggled").status == 404
    assert service.send("GET", "/profiles/x").status == 404


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_proper_request_is_refused_as_a_problem(service: Service, name: str) -> None:
    status, media_type, body = exchange(service, REFUSED[name][1])
    assert media_type == "application/problem+json"
    assert json.loads(body)["status"] == status
    assert json.loads(body)["code"] == HTTP_PROBLEMS[status].code


@pytest.mark.parametrize("name", TAKEN)
def test_what_can_be_read_in_one_way_only_is_followed_by_the_next_request(
    service: Service, name: str
) -> None:
    status, sent = TAKEN[name]
    answer = exchanged(service.bind, sent + LAST)
    assert statuses(answer) == [status, 200]
    assert answer.endswith(b'{"status":"alive"}')


@pytest.mark.parametrize("zeros", [1, 17, 18, 19, 20, 21, 23, 100, 1000])
@pytest.mark.parametrize("more", [b"", b"X_y: 1\r\n"], ids=["plain", "odd"])
def test_a_length_frames_a_body_however_many_zeros_are_in_front(
    service: Service, zeros: int, more: bytes
) -> None:
    """Cut off, it would leave the body to be read as the next request."""
    padded = b"0" * zeros + b"%d" % len(HIDDEN)
    answer = exchanged(
        service.bind, GET + more + b"Content-Length: %s\r\n\r\n" % padded + HIDDEN + LAST
    )
    assert b"hidden" not in answer
    assert statuses(answer) in ([200, 200], [400])


def test_nobody_lends_his_key_to_a_request_in_the_body_of_another(service: Service) -> None:
    """As a front sends it that passes the length on as it was written: the next caller's request
    must not become a header of one that was hidden in the body before."""
    assert service.send("PUT", "/profiles/kept", {}, If_None_Match="*").status == 201
    hidden = b"DELETE /profiles/kept HTTP/1.1\r\nHost: x\r\nX-Ignore: "
    first = b"PUT /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: %s%d\r\n\r\n" % (
        b"0" * 23,
        len(hidden),
    )
    answer = exchanged(service.bind, first + hidden, LAST)
    assert statuses(answer) in ([405, 200], [400])
    assert service.send("GET", "/profiles/kept").status == 200


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(PUT + b"If-None-Match: *\r\nContent-Length: 9\r\n\r\n{}", id="length"),
        pytest.param(
            PUT + b"If-None-Match: *\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{", id="chunk"
        ),
        pytest.param(
            PUT + b"If-None-Match: *\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
            id="no last chunk",
        ),
        pytest.param(
            PUT.replace(b"/x ", b"/x/merge/y ") + b"Transfer-Encoding: chunked\r\n\r\n",
            id="no chunk",
        ),
        pytest.param(PUT[:-2], id="head"),
    ],
)
def test_a_request_that_ends_too_early_changes_nothing(service: Service, sent: bytes) -> None:
    """RFC 9112 section 8 lets a server answer it or not."""
    assert statuses(exchanged(service.bind, LIVE + sent, ends=True)) in ([200], [200, 400])
    assert service.send("GET", "/profiles/x").status == 404


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "BREW", "PRI"])
def test_a_method_that_no_path_has_is_refused_with_those_it_has(
    service: Service, method: str
) -> None:
    sent = b"%s /profiles/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % method.encode()
    head, _, body = exchanged(service.bind, sent).partition(b"\r\n\r\n")
    assert statuses(head) == [405]
    assert b"\r\nallow: " in head.lower()
    assert json.loads(body)["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "host",
    [
        pytest.param(b"", id="none"),
        pytest.param(b"Host: x y\r\n", id="blank"),
        pytest.param(b"Host: user@x\r\n", id="user"),
        pytest.param(b"Host: x/y\r\n", id="path"),
        pytest.param(b"Host: x:y\r\n", id="port"),
        pytest.param(b"Host: [x\r\n", id="bracket"),
        pytest.param("Host: ä\r\n".encode(), id="bytes"),
    ],
)
def test_a_request_without_a_proper_host_is_refused(service: Service, host: bytes) -> None:
    """RFC 9112 section 3.2."""
    sent = b"PUT /profiles/hostless HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\n"
    sent += b"If-None-Match: *\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    status, media_type, body = exchange(service, sent)
    assert (status, media_type) == (400, "application/problem+json")
    assert [each["header"] for each in json.loads(body)["errors"]] == ["Host"]
    assert service.send("GET", "/profiles/hostless").status == 404


def test_a_status_line_has_the_phrase_of_its_status(service: Service) -> None:
    sent = b"PUT /profiles/phrase HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\nConnection: close\r\n"
    sent += b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    assert exchanged(service.bind, sent).startswith(b"HTTP/1.1 201 Created\r\n")
    assert exchanged(service.bind, sent).startswith(b"HTTP/1.1 412 Precondition Failed\r\n")


def test_http_1_0_needs_no_host(service: Service) -> None:
    assert statuses(exchanged(service.bind, b"GET /health/live HTTP/1.0\r\n\r\n")) == [200]


@pytest.mark.parametrize("name", [b"gzip, chunked", b"deflate, chunked"])
def test_a_body_in_a_coding_that_is_not_decoded_is_not_taken(
    service: Service, name: bytes
) -> None:
    sent = b"PUT /profiles/coded HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    sent += b"If-None-Match: *\r\nConnection: close\r\nTransfer-Encoding: %s\r\n\r\n" % name
    answer = exchanged(service.bind, sent + b"2\r\n{}\r\n0\r\n\r\n")
    assert statuses(answer) in ([400], [501])
    assert service.send("GET", "/profiles/coded").status == 404


def test_nobody_gets_a_websocket(service: Service) -> None:
    sent = GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    sent += b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    answer = exchanged(service.bind, sent + LAST)
    assert statuses(answer) in ([200, 200], [400], [403])
    assert service.send("GET", "/health/live").status == 200


@pytest.mark.parametrize("proper_first", [True, False])
def test_a_tenant_cannot_be_named_by_a_header_that_only_looks_alike(
    service: Service, *, proper_first: bool
) -> None:
    """Proxies let underscores pass that WSGI cannot tell from hyphens."""
    name = f"alike{proper_first}"
    fields = [b"X-Genesys-TenantId: 1\r\n", b"X_Genesys_TenantId: 7\r\n"]
    sent = b"PUT /profiles/%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    sent += b"If-None-Match: *\r\nConnection: close\r\nContent-Length: 2\r\n%s\r\n{}"
    told = b"".join(fields if proper_first else reversed(fields))
    assert statuses(exchanged(service.bind, sent % (name.encode(), told))) == [201]
    assert service.send("GET", f"/profiles/{name}", X_Genesys_TenantId="1").status == 200
    assert service.send("GET", f"/profiles/{name}", X_Genesys_TenantId="7").status == 404


def test_a_tenant_cannot_be_named_in_a_trailer_or_twice(service: Service) -> None:
    twice = b"X-Genesys-TenantId: 1\r\nX-Genesys-TenantId: 7\r\n"
    sent = b"GET /profiles/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + twice + b"\r\n"
    assert statuses(exchanged(service.bind, sent)) == [400]
    sent = b"PUT /profiles/trailing HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    sent += b"If-None-Match: *\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent += b"2\r\n{}\r\n0\r\nX-Genesys-TenantId: 7\r\n\r\n"
    assert statuses(exchanged(service.bind, sent)) == [201]
    assert service.send("GET", "/profiles/trailing").status == 200
    assert service.send("GET", "/profiles/trailing", X_Genesys_TenantId="7").status == 404


@pytest.mark.parametrize("name", [b"SCRIPT_NAME", b"Script-Name", b"PATH_INFO", b"Path-Info"])
def test_a_client_cannot_move_the_paths(service: Service, name: bytes) -> None:
    moved = b"GET /x/health/live HTTP/1.1\r\nHost: x\r\n%s: /x\r\nConnection: close\r\n\r\n" % name
    answered, _, body = exchange(service, moved)
    assert (answered, json.loads(body)["code"]) == (404, "resource_not_found")


def test_a_body_over_the_limit_is_refused_also_without_a_length(service: Service) -> None:
    chunk = b"%x\r\n%s\r\n" % (2**16, b" " * 2**16)
    sent = PUT + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    answered, media_type, body = exchange(service, sent + chunk * 17 + b"0\r\n\r\n")
    assert (answered, media_type) == (413, "application/problem+json")
    assert json.loads(body)["code"] == "body_too_large"


@pytest.mark.parametrize("authority", [b"[::1", b"[", b"", b"a,b", b"user@a"])
def test_the_host_in_an_absolute_target_is_looked_at_as_well(
    service: Service, authority: bytes
) -> None:
    sent = (
        b"GET http://%s/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % authority
    )
    answered, _, body = exchange(service, sent)
    assert (answered, json.loads(body)["code"]) == (400, "invalid_host")


def test_an_upload_that_is_given_up_is_no_failure_of_the_service(service: Service) -> None:
    begun = PUT + b"Content-Length: 100\r\n\r\nx"
    assert exchanged(service.bind, begun, ends=True) == b""
    with wires(service, 1) as (wire,):
        wire.send(begun)
    assert 'code="internal_error"' not in service.send("GET", "/metrics").body.decode()
    assert '"status":500' not in service.output


def test_also_what_is_no_request_is_answered_with_an_id(service: Service) -> None:
    answer = exchanged(service.bind, b"GET\r\n\r\n")
    assert re.search(rb"\r\nX-Request-Id: [0-9a-f]{32}\r\n", answer)


@pytest.mark.parametrize("method", ["HEAD", "GET", "DELETE", "PUT"])
def test_a_body_that_is_announced_over_the_limit_is_refused_wherever_it_goes(
    service: Service, method: str
) -> None:
    head = f"{method} /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: {10**18}\r\n\r\n"
    assert statuses(exchanged(service.bind, head.encode(), ends=True)) == [413]


def test_a_connection_goes_on_after_a_refused_body(service: Service) -> None:
    refused = PUT + b"Content-Length: 2\r\n\r\n{,"
    answer = exchanged(service.bind, refused + LAST)
    assert statuses(answer) == [400, 200]
    assert answer.endswith(b'{"status":"alive"}')

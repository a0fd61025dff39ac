"""Bytes that are no proper HTTP: refused as a problem, on a real socket."""

import json
import socket
from collections.abc import Iterator

import pytest

from app.settings import EmbeddedStore
from tests.support.server import Service, serving

PUT = b"PUT /profiles/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def service(
    embedded_address: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    with serving(embedded_address, tmp_path_factory.mktemp("malformed")) as running:
        yield running


def exchange(service: Service, sent: bytes) -> tuple[int, str, bytes]:
    """Status, media type and body of the answer to ``sent``, after which nothing is sent."""
    host, _, port = service.bind.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()
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
    live = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    host, _, port = service.bind.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(refused + live)
        answers = connection.makefile("rb").read()
    assert answers.startswith(b"HTTP/1.1 400")
    assert answers.endswith(b'{"status":"alive"}')

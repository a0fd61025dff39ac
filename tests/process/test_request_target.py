"""Targets and hosts, as a real server hands them on to the application."""

from collections.abc import Iterator

import pytest

from app.settings import EmbeddedStore
from tests.support.server import Service, serving
from tests.support.wire import Wire, wires


@pytest.fixture(scope="module")
def service(
    embedded_address: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    with serving(embedded_address, tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def wire(service: Service) -> Iterator[Wire]:
    with wires(service, 1) as (opened,):
        yield opened


@pytest.mark.parametrize(
    "target",
    [
        *("//metrics", "///metrics", "/%2Fmetrics", "/%2fmetrics", "//", "///", "/%2F"),
        *("//health/live", "/health//live", "/health%2Flive", "/health%2flive", "/profiles%2Fx"),
        *("/profiles/x%2Fhistory", "http://h//metrics", "http://h/health%2Flive"),
    ],
)
def test_nothing_is_served_beside_its_path(wire: Wire, target: str) -> None:
    wire.send(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
    refused = wire.receive()
    assert (refused.status, refused.json["code"]) == (404, "resource_not_found")


@pytest.mark.parametrize(
    ("request_line", "host", "status"),
    [
        ("GET /health/live HTTP/1.1", "", 400),
        ("GET /health/live HTTP/1.1", "Host: \r\n", 400),
        ("GET /health/live HTTP/1.1", "Host: a,b\r\n", 400),
        ("GET /health/live HTTP/1.1", "Host: a b\r\n", 400),
        ("GET /health/live HTTP/1.1", "Host: user@a\r\n", 400),
        ("GET /health/live HTTP/1.1", "Host: a:99999\r\n", 400),
        ("GET /health/live HTTP/1.1", "Host: a\r\nHost: a\r\n", 400),
        ("GET /health/live HTTP/1.0", "Host: a,b\r\n", 400),
        ("GET /health/live HTTP/1.0", "", 200),
        ("GET /health/live HTTP/1.1", "Host: [::1]:8080\r\n", 200),
        ("GET http://a/health/live HTTP/1.1", "Host: a\r\n", 200),
        ("GET http://a/health/live HTTP/1.1", "Host: b\r\n", 200),
        ("GET http://a:80/health/live HTTP/1.1", "Host: a:x\r\n", 400),
        ("GET http://a/health/live HTTP/1.1", "Host: a,b\r\n", 400),
        ("GET http://a/health/live HTTP/1.1", "", 400),
    ],
)
def test_a_request_names_one_host(wire: Wire, request_line: str, host: str, status: int) -> None:
    wire.send(f"{request_line}\r\n{host}\r\n".encode())
    answer = wire.receive()
    assert answer.status == status
    if status == 400:
        assert answer.fields["Content-Type"] == "application/problem+json"
        # A server may refuse some of them itself, before the application.
        assert answer.json["code"] in {"invalid_host", "bad_request"}

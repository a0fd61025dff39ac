"""Where granian differs from gunicorn, as docs/servers.md says."""

import json
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.serving.admission import BODIES
from app.settings import EmbeddedStore
from local_cassandra.cluster import free_port
from tests.process.test_malformed_http import LIVE, PUT, REFUSED, SMUGGLED, TAKEN
from tests.support.server import ROOT, Service, serving, wait_until
from tests.support.wire import Wire, wires

GRANIAN = {"PROFILES_SERVER": "granian"}
PAGE = (ROOT / "docs" / "servers.md").read_text()
# Those that it answers in another way; each is looked at below.
TAKEN_TOO = {
    "same length twice",
    "bare line feeds",
    "bare line feed in a header",
    "100,000 bytes of header",
    "small letters",
    "10,000 bytes of method",
    "odd expectation",
}
ENDED_AFTER = {
    "length, then chunks",
    "chunks, then length",
    "longer chunk than told",
    "malformed trailer",
}
UNANSWERED = {"HTTP/2"}


@pytest.fixture(scope="module")
def service(
    embedded_address: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    settings = {"PROFILES_WORKERS": "1", "PROFILES_THREADS": "4", **GRANIAN}
    with serving(embedded_address, tmp_path_factory.mktemp("granian"), **settings) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def forgotten(service: Service) -> Iterator[Wire]:
    """A connection on which a request was begun before all else."""
    with wires(service, 1) as (wire,):
        wire.send(LIVE[:-2])
        yield wire


def answers(service: Service, sent: bytes, *, ends: bool = False) -> bytes:
    """All that is answered until the connection is closed; ``ends``: the client ends it."""
    host, _, port = service.bind.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(sent)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read()


def statuses(answer: bytes) -> list[int]:
    return [int(each) for each in re.findall(rb"HTTP/1\.1 (\d+) ", answer)]


@pytest.mark.parametrize("name", REFUSED.keys() - TAKEN_TOO - ENDED_AFTER - UNANSWERED)
def test_what_is_no_proper_request_is_refused_and_ends_the_connection(
    service: Service, name: str
) -> None:
    found = statuses(answers(service, REFUSED[name][1] + LIVE))
    assert found in ([400], [414], [431])


@pytest.mark.parametrize("name", sorted(ENDED_AFTER))
def test_what_two_servers_may_read_in_two_ways_ends_the_connection(
    service: Service, name: str
) -> None:
    """What comes behind it is never a request of its own."""
    assert statuses(answers(service, REFUSED[name][1] + SMUGGLED)) == [404]


@pytest.mark.parametrize("name", sorted(TAKEN_TOO | TAKEN.keys()))
def test_what_can_be_read_in_one_way_only_is_followed_by_the_next_request(
    service: Service, name: str
) -> None:
    answer = answers(service, (REFUSED | TAKEN)[name][1] + LIVE)
    assert len(statuses(answer)) == 2
    assert answer.endswith(b'{"status":"alive"}')


def test_http_2_is_not_spoken(service: Service) -> None:
    assert answers(service, REFUSED["HTTP/2"][1]) == b""


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(PUT + b"If-None-Match: *\r\nContent-Length: 9\r\n\r\n{}", id="length"),
        pytest.param(
            PUT + b"If-None-Match: *\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{", id="chunks"
        ),
        pytest.param(
            PUT.replace(b"/x ", b"/x/merge/y ") + b"Transfer-Encoding: chunked\r\n\r\n",
            id="no chunk",
        ),
    ],
)
def test_a_body_that_ends_too_early_changes_nothing(service: Service, sent: bytes) -> None:
    head, _, body = answers(service, sent, ends=True).partition(b"\r\n\r\n")
    assert statuses(head) == [400]
    assert json.loads(body)["code"] in {"bad_request", "malformed_json"}
    assert service.send("GET", "/profiles/x").status == 404


@pytest.mark.parametrize(
    "field", ["Profiles-Agent", "Profiles-Reason", "If-Match", "X-Genesys-TenantId"]
)
def test_a_field_with_other_bytes_than_ascii_is_refused_where_it_would_count(
    service: Service, field: str
) -> None:
    named = (
        PUT + field.encode() + ': "ä"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}'.encode()
    )
    assert statuses(answers(service, named)) == [400]


def test_a_header_with_underscores_counts_as_one_with_hyphens(service: Service) -> None:
    sent = b"GET /profiles/x HTTP/1.1\r\nHost: x\r\nX_Genesys_TenantId: none\r\n"
    assert statuses(answers(service, sent + b"Connection: close\r\n\r\n")) == [400]


def test_bodies_that_come_slowly_stop_no_query_and_at_most_the_writes(service: Service) -> None:
    sending = PUT + b"Content-Length: 20\r\n\r\n{"
    with wires(service, BODIES) as slow:
        for each in slow:
            each.send(sending)
        wait_until(lambda: service.send("PUT", "/profiles/slow", {}).status == 503)
        for _ in range(20):
            assert service.send("GET", "/profiles/nobody").status == 404
        assert service.send("GET", "/health/ready").status == 200
    wait_until(lambda: service.send("PUT", "/profiles/slow", {}).status == 404)


def test_workers_end_when_their_master_was_killed(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    with serving(embedded_address, tmp_path, TMPDIR=str(tmp_path), **GRANIAN) as service:
        workers = service.workers()
        service.process.send_signal(signal.SIGKILL)
        service.process.wait()
        psutil.wait_procs(workers, timeout=60)
        assert not any(each.is_running() for each in workers)


def test_it_listens_to_a_host_by_its_name(embedded_address: EmbeddedStore, tmp_path: Path) -> None:
    bind = f"localhost:{free_port()}"
    with serving(embedded_address, tmp_path, bind=bind, **GRANIAN) as service:
        assert service.send("GET", "/health/ready").status == 200


def test_a_head_that_does_not_come_ends_the_connection(forgotten: Wire) -> None:
    assert forgotten.has_ended()


def test_the_page_tells_how_many_bodies_are_read_at_a_time() -> None:
    assert f"at most {BODIES} bodies" in PAGE

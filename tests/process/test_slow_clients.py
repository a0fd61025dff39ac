"""Clients that send slowly or read slowly do not stop others; what they send still counts."""

from collections.abc import Iterator

import psutil
import pytest

from app.settings import EmbeddedStore
from tests.support.server import Service, serving, wait_until
from tests.support.wire import NOBODY, Wire, wires

CLIENTS = 200
PUT = b"PUT /profiles/slow HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
BODY = b'{"FirstName": "Bruce"}'
WITH_LENGTH = PUT + b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = PUT + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"".join(b"1\r\n%c\r\n" % each for each in BODY) + b"0\r\n\r\n"


@pytest.fixture(scope="module")
def service(
    embedded_address: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("slow")
    with serving(embedded_address, folder, PROFILES_WORKERS="1", PROFILES_THREADS="4") as running:
        yield running


@pytest.fixture(scope="module")
def forgotten(service: Service) -> Iterator[Wire]:
    """A connection on which a request was begun before all else."""
    with wires(service, 1) as (wire,):
        wire.send(NOBODY[:-2])
        yield wire


@pytest.fixture(autouse=True)
def _begun_early(forgotten: Wire) -> None:
    """It waits while the other tests run."""


def assert_serves(service: Service) -> None:
    for number in range(10):
        path = f"/profiles/quick{number}"
        assert service.send("PUT", path, {"FirstName": "Betty"}, If_None_Match="*").status == 201
        assert service.send("GET", path).status == 200
        assert service.send("DELETE", path).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(NOBODY, id="head"),
        pytest.param(WITH_LENGTH + b"\r\n" + BODY, id="body"),
        pytest.param(CHUNKED + CHUNKS, id="chunks"),
    ],
)
def test_slow_clients_do_not_stop_others(service: Service, sent: bytes) -> None:
    with wires(service, CLIENTS) as slow:
        for part in (sent[:20], sent[20:-12], sent[-12:-1]):
            for each in slow:
                each.send(part)
            assert_serves(service)
        slow[0].send(sent[-1:])
        assert slow[0].receive().status == 404
    assert_serves(service)


def test_slow_clients_are_answered_at_last(service: Service) -> None:
    with wires(service, 3) as slow:
        for byte in NOBODY:
            for each in slow:
                each.send(bytes([byte]))
        assert [each.receive().status for each in slow] == [404] * 3


def test_connections_on_which_nothing_comes_do_not_stop_others(service: Service) -> None:
    with wires(service, CLIENTS):
        assert_serves(service)


def test_clients_that_announce_a_body_over_the_limit_do_not_stop_others(
    service: Service,
) -> None:
    with wires(service, CLIENTS) as announcing:
        for each in announcing:
            each.send(PUT + b"Content-Length: 2000000\r\n\r\n")
        assert {each.receive().status for each in announcing} <= {413, 503}
        assert_serves(service)


def test_clients_that_do_not_close_their_connection_do_not_stop_others(service: Service) -> None:
    last = NOBODY.replace(b"Host", b"Connection: close\r\nHost")
    with wires(service, CLIENTS) as staying:
        for each in staying:
            each.send(last)
            assert each.receive().status == 404
        assert_serves(service)


def test_clients_that_do_not_read_the_answers_are_given_up(service: Service) -> None:
    with wires(service, 6) as deaf:
        for each in deaf:
            each.send(b"GET /openapi.json HTTP/1.1\r\nHost: h\r\n\r\n" * 200)
        wait_until(lambda: service.send("GET", "/profiles/nobody").status == 404)
        assert service.send("GET", "/health/live").status == 200


def test_a_worker_without_a_free_file_waits_for_one(service: Service) -> None:
    (worker,) = service.workers()
    usual = worker.rlimit(psutil.RLIMIT_NOFILE)
    worker.rlimit(psutil.RLIMIT_NOFILE, (worker.num_fds() + 20, usual[1]))
    try:
        with wires(service, 40) as many:
            many[0].send(NOBODY)
            assert many[0].receive().status == 404
        assert_serves(service)
        assert service.workers() == [worker]
    finally:
        worker.rlimit(psutil.RLIMIT_NOFILE, usual)


def test_a_request_that_does_not_come_is_given_up(forgotten: Wire) -> None:
    answer = forgotten.receive()
    assert (answer.status, answer.json["code"]) == (408, "request_timeout")
    assert forgotten.has_ended()


def test_a_slow_client_is_told_in_the_metrics(service: Service) -> None:
    metrics = service.send("GET", "/metrics").body.decode()
    assert 'profiles_problems_total{code="request_timeout"}' in metrics

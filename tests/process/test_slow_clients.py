"""Clients that send slowly or read slowly do not stop others; what they send still counts."""

import time
from collections.abc import Iterator

import psutil
import pytest

from app.settings import EmbeddedStore
from tests.support.server import Service, most_memory, serving, wait_until
from tests.support.wire import NOBODY, Wire, answered, wires

CLIENTS = 200
PUT = b"PUT /profiles/slow HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
BODY = b'{"FirstName": "Bruce"}'
WITH_LENGTH = PUT + b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = PUT + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"".join(b"1\r\n%c\r\n" % each for each in BODY) + b"0\r\n\r\n"
SCRIPT = b"GET /docs/x/swagger-ui-bundle.js HTTP/1.1\r\nHost: h\r\n\r\n"
"""1.4 MB of answer, for everybody."""

AT_ONCE = 8
"""The kernel's buffers of a connection between two processes here have room for three or four."""

WINDOW = 4096
DEAF = 12
SLOW_SECONDS = 7
SLOW_RATE = 300_000
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def service(
    embedded_address: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    with serving(
        embedded_address, tmp_path_factory.mktemp("slow"), PROFILES_WORKERS="1"
    ) as running:
        yield running


@pytest.fixture(scope="module")
def forgotten(service: Service) -> Iterator[Wire]:
    """A connection on which a request was begun before all else."""
    with wires(service, 1) as (wire,):
        wire.send(PUT + b"Content-Length: 2\r\n\r\n")
        yield wire


@pytest.fixture(scope="module")
def begun(service: Service) -> Iterator[Wire]:
    """One on which a head was begun."""
    with wires(service, 1) as (wire,):
        wire.send(NOBODY[:-2])
        yield wire


@pytest.fixture(scope="module")
def silent(service: Service) -> Iterator[Wire]:
    """One on which nothing was sent."""
    with wires(service, 1) as (wire,):
        yield wire


@pytest.fixture(scope="module")
def deaf(service: Service) -> Iterator[Wire]:
    """One whose answers are not read."""
    with wires(service, 1, window=WINDOW) as (wire,):
        wire.send(SCRIPT * AT_ONCE)
        yield wire


@pytest.fixture(autouse=True)
def _begun_early(forgotten: Wire, begun: Wire, silent: Wire, deaf: Wire) -> None:
    """They wait while the other tests run."""


def assert_serves(service: Service) -> None:
    for number in range(10):
        path = f"/profiles/quick{number}"
        assert service.send("PUT", path, {"FirstName": "Betty"}, If_None_Match="*").status == 201
        assert service.send("GET", path).status == 200
        assert service.send("DELETE", path).status == 200


def clients(service: Service) -> set[int]:
    """The ports of those whose connection the service has."""
    return {
        each.raddr.port
        for worker in service.workers()
        for each in worker.net_connections()
        if each.raddr
    }


def port(wire: Wire) -> int:
    number: int = wire.socket.getsockname()[1]
    return number


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


def test_clients_that_do_not_read_take_no_place_of_others(service: Service) -> None:
    with wires(service, DEAF, window=WINDOW) as reading_nothing:
        for each in reading_nothing:
            each.send(SCRIPT * AT_ONCE)
        wait_until(lambda: len(answered(reading_nothing)) == DEAF)
        for _ in range(40):
            assert service.send("GET", "/profiles/nobody").status == 404
        # nobody had to be given up for it
        assert {port(each) for each in reading_nothing} <= clients(service)


def test_what_clients_do_not_read_takes_little_memory(service: Service) -> None:
    (worker,) = service.workers()
    before = most_memory(worker)
    with wires(service, 3 * DEAF, window=WINDOW) as reading_nothing:
        for each in reading_nothing:
            each.send(SCRIPT * 3 * AT_ONCE)
        wait_until(lambda: len(answered(reading_nothing)) == 3 * DEAF)
        assert_serves(service)
        assert most_memory(worker) - before < 150 * MEBIBYTE


def test_a_client_that_reads_slowly_and_steadily_gets_all(service: Service) -> None:
    whole = service.send("GET", "/docs/x/swagger-ui-bundle.js").body
    with wires(service, 1, window=16 * WINDOW) as (slow,):
        slow.send(SCRIPT * (AT_ONCE - 1) + SCRIPT.replace(b"Host", b"Connection: close\r\nHost"))
        received = bytearray()
        start = time.monotonic()
        while (passed := time.monotonic() - start) < SLOW_SECONDS:
            if len(received) < SLOW_RATE * passed:
                received += slow.receive_some(16_384)
            else:
                assert service.send("GET", "/health/live").status == 200
        received += slow.rest()
        assert received.count(whole) == AT_ONCE


def test_a_worker_without_a_free_file_goes_on_when_there_is_one(service: Service) -> None:
    (worker,) = service.workers()
    assert_serves(service)
    usual = worker.rlimit(psutil.RLIMIT_NOFILE)
    worker.rlimit(psutil.RLIMIT_NOFILE, (worker.num_fds() + 20, usual[1]))
    try:
        with wires(service, 40) as many:
            many[0].send(NOBODY)
            assert many[0].receive().status == 404
        wait_until(lambda: lives(service))
        assert_serves(service)
        assert service.workers() == [worker]
    finally:
        worker.rlimit(psutil.RLIMIT_NOFILE, usual)


def lives(service: Service) -> bool:
    try:
        return service.send("GET", "/health/live").status == 200
    except OSError:
        return False


def test_a_request_that_does_not_come_is_given_up(forgotten: Wire) -> None:
    answer = forgotten.receive()
    assert (answer.status, answer.json["code"]) == (408, "request_timeout")
    assert forgotten.has_ended()


def test_a_head_that_does_not_come_is_given_up(begun: Wire) -> None:
    assert b" 200 " not in begun.rest()


def test_a_connection_on_which_nothing_comes_is_closed(silent: Wire) -> None:
    assert silent.has_ended()


def test_a_client_that_reads_nothing_is_given_up(service: Service, deaf: Wire) -> None:
    wait_until(lambda: port(deaf) not in clients(service))


def test_a_slow_client_is_told_in_the_metrics(service: Service) -> None:
    metrics = service.send("GET", "/metrics").body.decode()
    assert 'profiles_problems_total{code="request_timeout"}' in metrics

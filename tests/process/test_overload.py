"""More requests than can be answered: the rest is refused at once, and nothing is lost."""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from app.dao.embedded.connection import connect
from app.settings import EmbeddedStore
from tests.process.test_operation import listens
from tests.support.metrics import summed
from tests.support.server import Service, serving, wait_until
from tests.support.wire import LIVE, NOBODY, Wire, answered, wires

TAKEN_BY_ONE, TAKEN_BY_TWO = 65, 66
PATIENT = {"PROFILES_WORKERS": "1", "PROFILES_DEADLINE": "60"}
MOST_CONNECTIONS = 1000
MANY = 500
POST = (
    b"POST /profiles HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
    b"Content-Length: 2\r\n\r\n{}"
)


@contextmanager
def locked(address: EmbeddedStore) -> Iterator[None]:
    """No write goes on meanwhile."""
    other = connect(address.path)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def occupy(service: Service, sent: list[Wire]) -> None:
    """Give each thread a request that it does not come to the end of: only beside them there is an
    answer then."""
    for each in sent:
        each.send(POST)
    assert service.send("GET", "/health/live").status == 200


def test_what_is_too_much_is_refused_at_once_and_the_rest_answered(
    embedded_address: EmbeddedStore, tmp_path: Path, server: str
) -> None:
    settings = {"PROFILES_SERVER": server, "PROFILES_THREADS": "2", **PATIENT}
    with serving(embedded_address, tmp_path, **settings) as service:
        with wires(service, TAKEN_BY_TWO + 6) as sent:
            with locked(embedded_address):
                occupy(service, sent[:2])
                for each in sent[2:]:
                    each.send(POST)
                refused = answered(sent, len(sent) - TAKEN_BY_TWO)
                for each in refused:
                    answer = each.receive()
                    assert (answer.status, answer.json["code"]) == (503, "overloaded")
                    assert answer.fields["Retry-After"] == "1"
                assert service.send("GET", "/health/live").status == 200
                assert service.send("GET", "/health/ready").status == 200
                again = service.send("GET", "/profiles/x")
                assert (again.status, again.json["code"]) == (503, "overloaded")
            taken = [each for each in sent if each not in refused]
            assert [each.receive().status for each in taken] == [201] * TAKEN_BY_TWO
            for each in refused:
                each.send(POST)
                assert each.receive().status == 201
        assert service.send("POST", "/profiles", {}).status == 201
        metrics = service.send("GET", "/metrics").body.decode()
        assert summed(metrics, "profiles_problems_total", code="overloaded") == 1 + len(refused)
        counted = summed(
            metrics, "profiles_http_request_duration_seconds_count", route="unread", status="503"
        )
        assert counted == 1 + len(refused)


def test_threads_that_are_quick_do_not_keep_the_loop_from_refusing(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    settings = {"PROFILES_WORKERS": "1", "PROFILES_THREADS": "8"}
    with serving(embedded_address, tmp_path, **settings) as service, wires(service, MANY) as sent:
        for _ in range(2):  # the first time the loop may sleep yet
            for each in sent:
                each.send(NOBODY)
            statuses = Counter(each.receive().status for each in sent)
    assert set(statuses) == {404, 503}
    assert statuses[503] > MANY / 2


def test_whoever_comes_takes_the_place_of_the_one_that_was_idle_for_longest(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    with (
        serving(embedded_address, tmp_path, PROFILES_WORKERS="1") as service,
        wires(service, MOST_CONNECTIONS) as kept,
    ):
        for each in (*kept[1:], kept[0]):
            each.send(LIVE)
            assert each.receive().status == 200
        with wires(service, 1) as (come,):
            come.send(LIVE)
            assert come.receive().status == 200
        assert kept[1].has_ended()
        kept[0].send(LIVE)
        assert kept[0].receive().status == 200


def test_what_was_taken_is_answered_before_the_end(
    embedded_address: EmbeddedStore, tmp_path: Path, server: str
) -> None:
    settings = {"PROFILES_SERVER": server, "PROFILES_THREADS": "1", **PATIENT}
    with serving(embedded_address, tmp_path, **settings) as service:
        with wires(service, TAKEN_BY_ONE + 1) as sent:
            with locked(embedded_address):
                occupy(service, sent[:1])
                for each in sent[1:]:
                    each.send(POST)
                (refused,) = answered(sent, 1)
                service.process.send_signal(signal.SIGTERM)
                wait_until(lambda: not listens(psutil.Process(service.process.pid)))
            for each in sent:
                assert each.receive().status == (503 if each is refused else 201)
        assert service.process.wait(60) == 0

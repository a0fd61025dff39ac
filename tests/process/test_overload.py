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
from tests.support.wire import LIVE, NOBODY, POST, Wire, answered, wires

PATIENT = {"PROFILES_WORKERS": "1", "PROFILES_DEADLINE": "60"}
MANY = 400
"""More than one worker takes on."""

LEAST_TAKEN = 32
MANY_LINES = b"GET /x HTTP/1.1\r\nHost: h\r\n" + b"".join(b"A%d: b\r\n" % i for i in range(40))
MANY_LINES += b"a_b: c\r\n\r\n"


@contextmanager
def locked(address: EmbeddedStore) -> Iterator[None]:
    """No write goes on meanwhile."""
    other = connect(address.path)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def fill(service: Service, sent: list[Wire]) -> list[Wire]:
    """Send more writes than can wait; those that were refused."""
    for each in sent:
        each.send(POST)
    wait_until(lambda: answered(sent))
    found = list[Wire]()
    while found != answered(sent):
        found = answered(sent)
        assert service.send("GET", "/health/live").status == 200  # after all that came before
    return found


def test_what_is_too_much_is_refused_at_once_and_the_rest_answered(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    with serving(embedded_address, tmp_path, **PATIENT) as service:
        with wires(service, MANY) as sent:
            with locked(embedded_address):
                refused = fill(service, sent)
                for each in refused:
                    answer = each.receive()
                    assert (answer.status, answer.json["code"]) == (503, "overloaded")
                    assert answer.fields["Retry-After"] == "1"
                    assert answer.fields["X-Request-Id"]
                assert service.send("GET", "/health/live").status == 200
                assert service.send("GET", "/health/ready").status == 200
            taken = [each for each in sent if each not in refused]
            assert len(taken) >= LEAST_TAKEN
            assert {each.receive().status for each in taken} == {201}
            refused[0].send(POST)
            assert refused[0].receive().status == 201
        assert service.send("POST", "/profiles", {}).status == 201


def test_a_query_is_refused_too_while_writes_have_all_places(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    with (
        serving(embedded_address, tmp_path, **PATIENT) as service,
        wires(service, MANY) as writing,
        wires(service, MANY) as asking,
    ):
        with locked(embedded_address):
            fill(service, writing)
            for each in asking:
                each.send(NOBODY)
            wait_until(lambda: answered(asking))
            assert answered(asking)[-1].receive().json["code"] == "overloaded"


def test_what_is_refused_is_counted(embedded_address: EmbeddedStore, tmp_path: Path) -> None:
    with serving(embedded_address, tmp_path, **PATIENT) as service, wires(service, MANY) as sent:
        with locked(embedded_address):
            fill(service, sent)
        seen = Counter(each.receive().status for each in sent)
        assert seen.keys() == {201, 503}
        metrics = service.send("GET", "/metrics").body.decode()
        problems = summed(metrics, "profiles_problems_total", code="overloaded")
        assert problems == seen[503]
        name = "profiles_http_request_duration_seconds_count"
        assert summed(metrics, name, route="unread", status="503") == problems


def test_a_burst_of_quick_requests_is_answered_or_refused(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    with (
        serving(embedded_address, tmp_path, PROFILES_WORKERS="1") as service,
        wires(service, MANY) as sent,
    ):
        for _ in range(3):
            for each in sent:
                each.send(NOBODY)
            assert {each.receive().status for each in sent} <= {404, 503}
        assert service.send("GET", "/profiles/nobody").status == 404


def test_heads_of_many_lines_are_refused_as_quickly_as_any(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    """What looks at a head must not take longer and longer with each line of it."""
    with (
        serving(embedded_address, tmp_path, **PATIENT) as service,
        wires(service, MANY) as writing,
        wires(service, 80) as odd,
    ):
        workers = service.workers()
        with locked(embedded_address):
            fill(service, writing)
            for each in odd:
                each.send(MANY_LINES)
            assert service.send("GET", "/health/live").status == 200
            wait_until(lambda: answered(odd))
        assert {each.receive().status for each in odd} <= {404, 503}
        assert service.workers() == workers


def test_what_was_taken_is_answered_before_the_end(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    with serving(embedded_address, tmp_path, **PATIENT) as service:
        with wires(service, MANY) as sent:
            with locked(embedded_address):
                refused = fill(service, sent)
                service.process.send_signal(signal.SIGTERM)
                wait_until(lambda: not listens(psutil.Process(service.process.pid)))
            for each in sent:
                assert each.receive().status == (503 if each in refused else 201)
        assert service.process.wait(60) == 0


def test_connections_without_a_request_do_not_hold_up_the_end(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    """Those that were answered and kept, that have begun, and that have been silent."""
    with serving(embedded_address, tmp_path) as service, wires(service, 30) as waiting:
        for each in waiting[:10]:
            each.send(LIVE)
            assert each.receive().status == 200
        for each in waiting[10:20]:
            each.send(LIVE[:-2])
        service.process.send_signal(signal.SIGTERM)
        assert all(each.has_ended() for each in waiting)
        assert service.process.wait(60) == 0
        assert "Forcing close" not in service.output

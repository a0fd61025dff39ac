"""More connections than a worker keeps: the oldest that nothing is done on makes room."""

import contextlib
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import EmbeddedStore
from tests.process.test_overload import locked
from tests.support.server import (
    SERVE,
    Service,
    environment,
    serving,
    serving_with,
    store_url,
)
from tests.support.wire import LIVE, POST, wires

MOST = 1000
"""Connections of a worker."""

CROWD = MOST + 100
STRANGER = "127.0.0.2"


@pytest.fixture(scope="module", autouse=True)
def _files() -> Iterator[None]:
    """This process has the other ends of all of them."""
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, usual[1]), usual[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, usual)


@pytest.fixture
def service(embedded_address: EmbeddedStore, tmp_path: Path) -> Iterator[Service]:
    settings = {"PROFILES_WORKERS": "1", "PROFILES_DEADLINE": "60"}
    with serving(embedded_address, tmp_path, **settings) as running:
        yield running


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(b"", id="silent"),
        pytest.param(b"G", id="one byte"),
        pytest.param(LIVE[:-2], id="most of a head"),
    ],
)
def test_connections_without_a_whole_head_shut_nobody_out(service: Service, begun: bytes) -> None:
    with wires(service, CROWD, STRANGER) as crowd:
        for each in crowd:
            each.send(begun)
        assert service.send("GET", "/health/ready").status == 200
        assert service.send("GET", "/profiles/nobody").status == 404
        assert crowd[0].has_ended()
        crowd[-1].send(LIVE[len(begun) :])
        assert crowd[-1].receive().status == 200


@pytest.mark.parametrize("limits", [(256, 4096), (600, 600)])
def test_a_crowd_does_not_take_the_last_open_file(
    embedded_address: EmbeddedStore, tmp_path: Path, limits: tuple[int, int]
) -> None:
    limited = f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, {limits})"
    command = (sys.executable, "-c", f"{limited}; os.execv(sys.argv[1], sys.argv[1:])", *SERVE)
    settings = {"PROFILES_WORKERS": "1"}
    with serving_with(embedded_address, tmp_path, settings, command=command) as service:
        with wires(service, CROWD, STRANGER) as crowd:
            assert service.send("POST", "/profiles", {}).status == 201
            assert crowd[0].has_ended()


def test_a_limit_that_leaves_no_connection_is_told(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    limited = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))"
    ended = subprocess.run(
        [sys.executable, "-c", f"{limited}; os.execv(sys.argv[1], sys.argv[1:])", *SERVE],
        env=environment(PROFILES_STORE=store_url(embedded_address)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )
    assert ended.returncode != 0
    assert "The limit of open files is 200: raise it to 1200 (ulimit -n 1200)." in ended.stderr


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(POST[:-2], id="no body"),
        pytest.param(b"GET /openapi.json HTTP/1.1\r\nHost: h\r\n\r\n" * 20, id="no reading"),
    ],
)
def test_a_crowd_that_stops_in_a_request_shuts_nobody_out(service: Service, sent: bytes) -> None:
    with contextlib.ExitStack() as crowd:
        for _ in range(CROWD):
            (each,) = crowd.enter_context(wires(service, 1, STRANGER, 4096))
            with contextlib.suppress(OSError):
                each.send(sent)
        own = [each for _ in range(30) for each in crowd.enter_context(wires(service, 1))]
        for _ in range(2):
            for each in own:
                each.send(LIVE)
                assert each.receive().status == 200


def test_whoever_comes_takes_the_place_of_the_one_that_was_idle_for_longest(
    service: Service,
) -> None:
    with wires(service, MOST) as kept:
        for each in (*kept[1:], kept[0]):
            each.send(LIVE)
            assert each.receive().status == 200
        with wires(service, 1) as (come,):
            come.send(LIVE)
            assert come.receive().status == 200
        assert kept[1].has_ended()
        kept[0].send(LIVE)
        assert kept[0].receive().status == 200


def test_a_crowd_of_one_address_closes_no_connection_of_another(service: Service) -> None:
    with wires(service, 3) as own:
        for each in own[:2]:
            each.send(LIVE)
            assert each.receive().status == 200
        own[1].send(LIVE[:10])
        with wires(service, CROWD, STRANGER) as crowd:
            for each in crowd:
                each.send(b"G")
            assert crowd[0].has_ended()
            for each, left in zip(own, (LIVE, LIVE[10:], LIVE), strict=True):
                each.send(left)
                assert each.receive().status == 200


def test_a_request_that_is_answered_keeps_its_connection(
    service: Service, embedded_address: EmbeddedStore
) -> None:
    with wires(service, 1, STRANGER) as (working,):
        with locked(embedded_address):
            working.send(POST)
            assert service.send("GET", "/health/live").status == 200
            with wires(service, CROWD, STRANGER) as crowd:
                for each in crowd:
                    each.send(b"G")
                assert service.send("GET", "/health/live").status == 200
                assert crowd[0].has_ended()
        assert working.receive().status == 201


def test_a_crowd_whose_requests_never_come_whole_does_not_stop_a_writer(service: Service) -> None:
    """New ones come all the time, in the places of those that were closed."""
    for number in range(3):
        with wires(service, CROWD, STRANGER) as crowd:
            for each in crowd:
                each.send(b"POST / HTTP/1.1\r\n")
            path = f"/profiles/steady{number}"
            assert service.send("PUT", path, {}, If_None_Match="*").status == 201
            assert service.send("DELETE", path).status == 200

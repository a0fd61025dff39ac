"""Starting and ending the service, and what it says when it cannot start."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from app.settings import CassandraStore, EmbeddedStore
from local_cassandra.cluster import free_port
from tests.support.creators import EXAMPLE, EXAMPLE_ID
from tests.support.server import ROOT, run, serving, wait_until

SOON_SECONDS = 20
"""Less than gunicorn waits for a worker that has not understood."""


def test_it_says_where_it_serves_and_ends_cleanly(
    address: EmbeddedStore | CassandraStore, tmp_path: Path
) -> None:
    with serving(address, tmp_path, PROFILES_WORKERS="3") as service:
        assert f"http://{service.bind}" in service.output
        assert "curl" in service.output
        wait_until(lambda: len(service.workers()) == 3)
        assert service.send("GET", "/health/ready").status == 200
        assert service.interrupt() == 0
    assert "Traceback" not in service.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("attempt", range(5))
def test_a_signal_to_all_its_processes_ends_it_even_while_it_starts(
    embedded_address: EmbeddedStore, tmp_path: Path, number: int, attempt: int
) -> None:
    with serving(embedded_address, tmp_path, PROFILES_WORKERS="4") as service:
        os.killpg(service.process.pid, number)
        service.process.wait(SOON_SECONDS)
        assert "was sent SIG" not in service.output


def test_clients_that_still_connect_do_not_hold_up_its_end(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    host, _, port = (bind := f"127.0.0.1:{free_port()}").partition(":")
    with serving(embedded_address, tmp_path, bind=bind, PROFILES_WORKERS="1") as service:
        service.process.send_signal(signal.SIGTERM)
        opened = []
        with contextlib.suppress(OSError):
            while service.process.poll() is None:
                opened.append(socket.create_connection((host, int(port))))
                time.sleep(0.02)
        service.process.wait(SOON_SECONDS)
        for each in opened:
            each.close()


def test_workers_end_when_their_master_was_killed(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    with serving(embedded_address, tmp_path, TMPDIR=str(tmp_path)) as service:
        workers = service.workers()
        service.process.send_signal(signal.SIGKILL)
        service.process.wait()
        psutil.wait_procs(workers, timeout=60)
        assert not any(each.is_running() for each in workers)


def test_it_listens_to_a_host_by_its_name(embedded_address: EmbeddedStore, tmp_path: Path) -> None:
    bind = f"localhost:{free_port()}"
    with serving(embedded_address, tmp_path, bind=bind) as service:
        assert service.send("GET", "/health/ready").status == 200


def test_what_it_tells_to_try_is_answered(
    address: EmbeddedStore | CassandraStore, tmp_path: Path
) -> None:
    with serving(address, tmp_path, PROFILES_BASE_PATH="/genesys/1/cs") as service:
        tried = re.search(rf"http://{service.bind}(\S+)", service.output.splitlines()[1])
        assert tried is not None
        first = service.send("PUT", tried[1], {"FirstName": "Bruce"}, If_None_Match="*")
        assert first.status in {201, 412}
        assert service.send("GET", tried[1]).status == 200


def test_a_write_by_one_worker_is_read_by_every_other(
    address: EmbeddedStore | CassandraStore, tmp_path: Path
) -> None:
    with serving(address, tmp_path, PROFILES_WORKERS="4") as service:
        path = service.send("POST", "/profiles", EXAMPLE).headers["Location"]
        for number in range(40):
            etag = service.send("PUT", path, {"Title": str(number)}).headers["ETag"]
            answer = service.send("GET", path)
            assert (answer.json["Title"], answer.headers["ETag"]) == (str(number), etag)


@pytest.mark.parametrize(
    ("settings", "code", "told"),
    [
        ({"PROFILES_STORE": "mysql://host/db"}, 1, "use sqlite:///var/profiles.db"),
        ({"PROFILES_STORE": "sqlite:////dev/null/profiles.db"}, 3, "Check PROFILES_STORE"),
        ({"PROFILES_STORE": "cassandra://127.0.0.1:1/profiles"}, 3, "Check PROFILES_STORE"),
        ({"PROFILES_THREADS": "many"}, 1, "PROFILES_THREADS is wrong"),
        ({"PROFILES_WORKERS": "0"}, 1, "PROFILES_WORKERS is wrong"),
    ],
)
def test_a_store_that_cannot_be_prepared_is_one_sentence(
    settings: dict[str, str], code: int, told: str
) -> None:
    ended = run("migrate", "apply", **settings)
    assert ended.returncode == code
    assert told in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = run("serve", PROFILES_BIND=bind)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Error: Cannot listen on {bind} (Address already in use)")
    assert "PROFILES_BIND" in ended.stderr


def test_a_malformed_definition_stops_the_start_with_every_path(tmp_path: Path) -> None:
    definition = tmp_path / "definition.yaml"
    definition.write_text("attributes: [{name: 1, type: text}]\nextension: []")
    ended = run("serve", PROFILES_DEFINITION=str(definition))
    assert ended.returncode == 1
    for path in ("/attributes/0/name", "/attributes/0/type", "/extension"):
        assert path in ended.stderr


def test_the_documented_example_script_succeeds_twice(
    address: EmbeddedStore | CassandraStore, tmp_path: Path
) -> None:
    with serving(address, tmp_path) as service:
        script = [sys.executable, "examples/documented_example.py", f"http://{service.bind}"]
        for _ in range(2):
            ended = subprocess.run(script, capture_output=True, text=True, cwd=ROOT, check=True)
            assert f"/profiles/{EXAMPLE_ID}" in ended.stdout


def test_the_example_script_says_how_to_start_the_service() -> None:
    script = [sys.executable, "examples/documented_example.py", "http://127.0.0.1:1"]
    ended = subprocess.run(script, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 1
    assert ended.stderr.endswith("start it with `make run`\n")

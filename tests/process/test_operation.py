"""What docs/how-to says of running the service: ending it, migrating, backing up and restoring."""

import http.client
import json
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app import stores
from app.dao.cassandra.migrations.files import Migration, read_migrations
from app.settings import EmbeddedStore
from tests.support.creators import EXAMPLE
from tests.support.server import ROOT, Service, serving, wait_until

BACKUP = (ROOT / "docs" / "how-to" / "backup.md").read_text()
COPY = re.findall(r"^python -c .+$", BACKUP, re.M)[0]


def half_sent(service: Service, body: bytes) -> http.client.HTTPConnection:
    """A request whose body the service waits for."""
    connection = http.client.HTTPConnection(service.bind, timeout=60)
    connection.putrequest("POST", "/profiles")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    connection.putheader("Expect", "100-continue")
    connection.endheaders()
    assert connection.sock.recv(100).startswith(b"HTTP/1.1 100")
    return connection


def listens(process: psutil.Process) -> bool:
    return any(each.status == psutil.CONN_LISTEN for each in process.net_connections())


def test_a_request_under_way_is_answered_before_the_end(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    body = json.dumps(EXAMPLE).encode()
    with serving(embedded_address, tmp_path) as service:
        connection = half_sent(service, body)
        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not listens(psutil.Process(service.process.pid)))
        connection.send(body)
        assert connection.getresponse().status == 201
        assert service.process.wait(60) == 0


@pytest.mark.parametrize("migration", read_migrations(), ids=lambda each: each.name)
def test_the_release_before_can_serve_after_a_migration(migration: Migration) -> None:
    """It only adds, or changes how the nodes read."""
    added = r"CREATE TABLE IF NOT EXISTS|ALTER TABLE \w+ ADD IF NOT EXISTS"
    read = r"ALTER TABLE \w+ WITH speculative_retry = '[^']+'$"
    for statement in migration.statements({"leveled_compaction": "{}"}):
        assert re.match(f"{added}|{read}", statement)


def test_a_copy_made_while_the_service_writes_is_whole(tmp_path: Path) -> None:
    address = EmbeddedStore(tmp_path / "var" / "profiles.db")
    stores.migrate(address)
    with serving(address, tmp_path) as service:
        before = [service.send("POST", "/profiles", EXAMPLE) for _ in range(20)]
        command = [sys.executable, *shlex.split(COPY)[1:]]
        copying = subprocess.Popen(command, cwd=tmp_path)
        during = []
        while copying.poll() is None:
            during.append(service.send("POST", "/profiles", EXAMPLE))
        assert copying.returncode == 0
    assert {each.status for each in [*before, *during]} == {201}
    copy = EmbeddedStore(tmp_path / "backup.db")
    assert stores.migrate(copy) == ()
    with serving(copy, tmp_path) as service:
        for made in before:
            path, etag = made.headers["Location"], made.headers["ETag"]
            assert service.send("GET", path).headers["ETag"] == etag

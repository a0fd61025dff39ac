"""The entry points under servers other than the default one: each can host the service."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import stores
from app.settings import EmbeddedStore
from benchmarks.processes import end_group
from local_cassandra.cluster import free_port
from tests.support.server import (
    ROOT,
    Service,
    _contract,
    _lives,
    environment,
    store_url,
    wait_until,
)

NEW = {"FirstName": "Bruce"}
HOSTS = {
    "gthread": ["gunicorn", "--worker-class", "gthread", "--threads", "4", "--bind", "{bind}"],
    "uvicorn": ["uvicorn", "--host", "127.0.0.1", "--port", "{port}"],
    "granian": ["granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", "{port}"],
}


@contextmanager
def hosted(host: str, folder: Path) -> Iterator[Service]:
    """The service on a store of its own under ``host``."""
    address = EmbeddedStore(folder / "profiles.db")
    stores.migrate(address)
    port, output = free_port(), folder / "host.log"
    bind = f"127.0.0.1:{port}"
    entry = "wsgi:app" if host == "gthread" else "asgi:app"
    words = [word.format(bind=bind, port=port) for word in HOSTS[host]]
    with output.open("w") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name(words[0])), *words[1:], entry],
            env=environment(PROFILES_STORE=store_url(address), PROFILES_BIND=bind),
            stdout=log,
            stderr=log,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
    service = Service(process, bind, output, _contract({}))
    try:
        wait_until(lambda: _lives(service))
        yield service
    finally:
        end_group(process)


@pytest.mark.parametrize("host", HOSTS)
def test_a_server_can_host_the_service(host: str, folder: Path) -> None:
    with hosted(host, folder) as service:
        path = "/profiles/00027a52JCGY000M"
        created = service.send("PUT", path, NEW, If_None_Match="*")
        assert created.status == 201
        found = service.send("GET", path)
        assert found.json == {"customer_id": "00027a52JCGY000M", **NEW}
        assert service.send("PUT", path, NEW, If_Match=created.headers["ETag"]).status == 200
        assert service.send("PUT", path, NEW, If_Match=created.headers["ETag"]).status == 412
        assert service.send("GET", "/health/ready").status == 200
        assert service.send("GET", "/metrics").status == 200
        service.process.terminate()
        service.process.wait(60)
    assert "Traceback" not in service.output

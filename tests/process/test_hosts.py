"""The entry points under servers other than the default one: each can host the service."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import stores
from app.settings import EmbeddedStore
from local_cassandra.cluster import free_port
from tests.support.server import Service, serving_with

NEW = {"FirstName": "Bruce"}
HOSTS = {
    "gthread": "gunicorn --worker-class gthread --threads 4 --bind {bind} wsgi:app",
    "uvicorn": "uvicorn --host 127.0.0.1 --port {port} asgi:app",
    "granian": "granian --interface asgi --host 127.0.0.1 --port {port} asgi:app",
}


@contextmanager
def hosted(host: str, folder: Path) -> Iterator[Service]:
    """The service on a store of its own under ``host``."""
    address = EmbeddedStore(folder / "profiles.db")
    stores.migrate(address)
    port = free_port()
    bind = f"127.0.0.1:{port}"
    server, *words = HOSTS[host].format(bind=bind, port=port).split()
    command = [str(Path(sys.executable).with_name(server)), *words]
    with serving_with(address, folder, {"PROFILES_BIND": bind}, command=command) as service:
        yield service


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

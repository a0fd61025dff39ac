"""A bare Flask route that answers the bytes of a profile, under the servers of the service."""

import sys
from contextlib import AbstractContextManager
from pathlib import Path

import orjson
from flask import Flask, Response, request

from benchmarks.processes import Command, Server, started
from benchmarks.sample import CORE, TOKEN, customer_id, digits, whole
from benchmarks.service import WORKERS
from local_cassandra.cluster import free_port

FACTORY = "benchmarks.bare:create_bare"
_TAG = '"1-00000000000000000000000000000000"'


def create_bare() -> Flask:
    """Answers at the paths of query and identify, whatever is asked, with equal bytes."""
    app = Flask(__name__)
    profile = {"customer_id": customer_id(TOKEN), **CORE}
    query, extended = _filled(profile), _filled(whole())
    identified = b"[" + query + b"]"

    @app.get("/profiles/<customer_id>")
    def one(customer_id: str) -> Response:  # noqa: ARG001
        return _answer(extended if "extensions" in request.args else query)

    @app.get("/profiles")
    def some() -> Response:
        return _answer(identified)

    @app.get("/health/ready")
    def ready() -> Response:
        return _answer(b"{}")

    return app


def _filled(profile: object) -> bytes:
    return orjson.dumps(profile).replace(TOKEN.encode(), digits(0).encode())


def _answer(text: bytes) -> Response:
    return Response(text, content_type="application/json", headers={"ETag": _TAG})


def serving(
    server: str, folder: Path, threads: int, factory: str = FACTORY, **environment: str
) -> AbstractContextManager[Server]:
    """What ``factory`` makes under ``server``, with as many processes as the service.

    :raises NoStart: it did not start.
    """
    port = free_port()
    words = {"gunicorn": _gunicorn, "granian": _granian}[server](port, threads, factory)
    root = str(Path(__file__).parent.parent)
    command = Command([sys.executable, "-m", *words], {"PYTHONPATH": root, **environment}, folder)
    return started(command, f"http://127.0.0.1:{port}", "/health/ready")


def _gunicorn(port: int, threads: int, factory: str) -> list[str]:
    bind = ["--bind", f"127.0.0.1:{port}", "--keep-alive", "30", "--no-control-socket"]
    size = ["--workers", str(WORKERS), "--threads", str(threads)]
    return ["gunicorn", "--worker-class", "gthread", *size, *bind, f"{factory}()"]


def _granian(port: int, threads: int, factory: str) -> list[str]:
    size = ["--workers", str(WORKERS), "--blocking-threads", str(threads)]
    place = ["--host", "127.0.0.1", "--port", str(port), "--http", "1", "--no-ws"]
    limit = ["--backpressure", "1000"]
    target = ["--interface", "wsgi", "--factory", factory]
    return ["granian", *size, *place, *limit, *target]

"""A bare Flask route that answers the bytes of a profile, under the servers of the service."""

import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import orjson
from flask import Flask, Response, request

from benchmarks.processes import Command, Server, started
from benchmarks.sample import CORE, TOKEN, customer_id, digits, whole
from benchmarks.service import THREADS, WORKERS
from local_cassandra.cluster import free_port

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


def serving(server: str, folder: Path) -> AbstractContextManager[Server]:
    """It under ``server``, with as many processes and threads as the service has.

    :raises NoStart: it did not start.
    """
    port = free_port()
    words = {"gunicorn": _gunicorn, "granian": _granian}[server](port)
    environment = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent.parent)])}
    command = Command([sys.executable, "-m", *words], environment, folder)
    return started(command, f"http://127.0.0.1:{port}", "/health/ready")


def _gunicorn(port: int) -> list[str]:
    bind = ["--bind", f"127.0.0.1:{port}", "--keep-alive", "30", "--no-control-socket"]
    size = ["--workers", str(WORKERS), "--threads", str(THREADS)]
    return ["gunicorn", "--worker-class", "gthread", *size, *bind, "benchmarks.bare:create_bare()"]


def _granian(port: int) -> list[str]:
    size = ["--workers", str(WORKERS), "--blocking-threads", str(THREADS)]
    place = ["--host", "127.0.0.1", "--port", str(port), "--http", "1", "--no-ws"]
    limit = ["--backpressure", "1000"]
    target = ["--interface", "wsgi", "--factory", "benchmarks.bare:create_bare"]
    return ["granian", *size, *place, *limit, *target]

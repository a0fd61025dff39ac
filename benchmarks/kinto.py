"""The peer: Kinto on PostgreSQL, which keeps the same profiles as records of a collection.

It validates them against a JSON schema and keeps their history, as the service does.
"""

import base64
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from benchmarks import postgres
from benchmarks.client import send
from benchmarks.postgres import NoPostgres
from benchmarks.processes import Command, Server, started
from benchmarks.sample import CORE, TOKEN, digits, dumped
from benchmarks.service import WORKERS
from local_cassandra.cluster import free_port

PROGRAMS = Path(__file__).parent.parent / ".venv" / "kinto" / "bin"
COLLECTION = "/v1/buckets/bench/collections/profiles"
PATH = f"{COLLECTION}/records/000000{TOKEN}"
AUTHORIZATION = "Basic " + base64.b64encode(b"bench:bench").decode()
_AT_A_TIME = 25
_THREADS = 8

_SETTINGS = """
[app:main]
use = egg:kinto
kinto.includes = kinto.plugins.history
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {url}
kinto.storage_pool_size = {threads}
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {url}
kinto.permission_pool_size = {threads}
kinto.cache_backend = kinto.core.cache.memory
kinto.userid_hmac_secret = bench
multiauth.policies = basicauth
kinto.bucket_create_principals = system.Everyone
kinto.experimental_collection_schema_validation = true
"""


class NoKinto(Exception):
    """The peer cannot be measured; the message says why."""


@contextmanager
def serving(folder: Path, profiles: int) -> Iterator[Server]:
    """Kinto with as many records as there are ``profiles``, under gunicorn.

    :raises NoKinto: it, or PostgreSQL, is missing.
    """
    if not (PROGRAMS / "kinto").exists():
        raise NoKinto("Kinto is missing (make .venv/kinto.stamp)")
    try:
        with postgres.running() as url, _started(folder, url) as server:
            _fill(server.url, profiles)
            yield server
    except NoPostgres as error:
        raise NoKinto(str(error)) from error


def _started(folder: Path, url: str) -> Any:
    file = folder / "kinto.ini"
    file.write_text(_SETTINGS.format(url=url, threads=_THREADS))
    subprocess.run(
        [PROGRAMS / "kinto", "migrate", "--ini", str(file)], check=True, capture_output=True
    )
    port = free_port()
    words = ["--paste", str(file), "--bind", f"127.0.0.1:{port}", "--keep-alive", "30"]
    size = ["--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(_THREADS)]
    command = Command([str(PROGRAMS / "gunicorn"), *words, *size], {}, folder)
    return started(command, f"http://127.0.0.1:{port}", "/v1/__heartbeat__")


def _fill(url: str, profiles: int) -> None:
    _send(url, "PUT", "/v1/buckets/bench", {})
    _send(url, "PUT", COLLECTION, {"data": {"schema": _schema()}})
    for first in range(0, profiles, _AT_A_TIME):
        numbers = range(first, min(first + _AT_A_TIME, profiles))
        text = dumped({"method": "PUT", "path": PATH, "body": {"data": CORE}})
        requests = [orjson.loads(text.replace(TOKEN, digits(number))) for number in numbers]
        _send(url, "POST", "/v1/batch", {"requests": requests})


def _schema() -> dict[str, Any]:
    """What the default definition says of the attributes that are sent."""
    texts = {"type": "array", "items": {"type": "string"}}
    types = {"EmailAddress": texts, "PhoneNumber": texts}
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {name: types.get(name, text) for name in CORE},
        "additionalProperties": False,
    }


def _send(url: str, method: str, path: str, body: object) -> None:
    told = send(url, method, path, body, {"Authorization": AUTHORIZATION})
    refused = [each for each in told.get("responses", ()) if each["status"] >= 300]
    if refused:
        raise RuntimeError(f"Kinto refused {refused[0]}")

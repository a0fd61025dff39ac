"""A real service: ``profiles serve`` in a process of its own, on a free port."""

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psutil
from urllib3 import HTTPHeaderDict

from app.limits import TENANT_HEADER
from app.settings import DEFAULT_DEFINITION, CassandraStore, EmbeddedStore
from benchmarks.processes import end_group
from local_cassandra.cluster import free_port
from schemas.reader import read_definition
from schemas.writing import to_document
from tests.support.checked import contract_for
from tests.support.contract import Contract, Exchange, path_in

ROOT = Path(__file__).parent.parent.parent
PROFILES = str(Path(sys.executable).with_name("profiles"))
SERVE = (PROFILES, "serve")
PATIENCE_SECONDS = 60

_REDEFINED: set[str] = set()
"""Tenants, as they are named in requests, whose definition was changed in this run."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: HTTPHeaderDict
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Service:
    """A running service and its processes."""

    def __init__(
        self,
        process: subprocess.Popen[str],
        bind: str,
        output: Path,
        contract: Contract,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``contract``: that of tenants whose definition nobody has changed."""
        self.process = process
        self.bind = bind
        self._output = output
        self._contract = contract
        self._tls = tls

    def spoken_to(self, tls: ssl.SSLContext | None) -> "Service":
        """The same service for a client with another idea of TLS, None for none."""
        return Service(self.process, self.bind, self._output, self._contract, tls)

    @property
    def output(self) -> str:
        """All that it has printed so far."""
        return self._output.read_text()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request on a connection of its own; the answer is held against the document.

        :raises OSError: and HTTPException, when no answer came.
        """
        connection = self._connection()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body)
        if data is not None:
            named["Content-Type"] = "application/json"
        try:
            connection.request(method, path, data, named)
            response = connection.getresponse()
            answer = Answer(
                response.status, HTTPHeaderDict(response.getheaders()), response.read()
            )
        finally:
            connection.close()
        self._check(method, path, named.get(TENANT_HEADER, ""), answer)
        return answer

    def _check(self, method: str, path: str, tenant: str, answer: Answer) -> None:
        """Without looking into successes where the definition of the tenant is another one."""
        place = path_in(path)
        if "/metadata/" in place and method not in {"GET", "HEAD"} and answer.status < 300:
            _REDEFINED.add(tenant)
        exchange = Exchange(
            method=method,
            path=place,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
        )
        self._contract.check(exchange, body=tenant not in _REDEFINED)

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self.bind, timeout=30)
        return http.client.HTTPSConnection(self.bind, timeout=30, context=self._tls)

    def workers(self) -> list[psutil.Process]:
        """The worker processes that run now."""
        found: list[psutil.Process] = psutil.Process(self.process.pid).children()
        return found

    def kill_a_worker(self) -> None:
        """End one worker as a crash would."""
        self.workers()[0].send_signal(signal.SIGKILL)

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_SECONDS)


def most_memory(process: psutil.Process) -> int:
    """Bytes that it has had resident at most, so far (Linux)."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    (kibibytes,) = (each.split()[1] for each in status.splitlines() if each[:6] == "VmHWM:")
    return int(kibibytes) * 1024


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """``profiles ARGUMENTS`` to its end, with ``PROFILES_...`` settings."""
    return subprocess.run(
        [PROFILES, *arguments],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
        check=False,
    )


def serving(
    address: EmbeddedStore | CassandraStore, folder: Path, bind: str = "", **settings: str
) -> AbstractContextManager[Service]:
    """The service on the prepared store at ``address``, ended however the test ends."""
    given = settings | ({"PROFILES_BIND": bind} if bind else {})
    return serving_with(address, folder, given)


@contextmanager
def serving_with(
    address: EmbeddedStore | CassandraStore,
    folder: Path,
    settings: Mapping[str, str],
    tls: ssl.SSLContext | None = None,
    command: Sequence[str] = SERVE,
) -> Iterator[Service]:
    """`serving`; ``tls`` is what it is asked with, where ``settings`` have it speak that.

    ``command``: another one, such as one that becomes `SERVE` (``setpriv``), or another server,
    which is told where to listen.
    """
    given = {"PROFILES_BIND": f"127.0.0.1:{free_port()}", **settings}
    output = folder / "service.log"
    with output.open("w") as log:
        process = subprocess.Popen(
            command,
            env=environment(PROFILES_STORE=store_url(address), **given),
            stdout=log,
            stderr=log,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
    service = Service(process, given["PROFILES_BIND"], output, _contract(settings), tls)
    try:
        wait_until(lambda: _lives(service))
        yield service
    finally:
        end_group(process, PATIENCE_SECONDS)


def _contract(settings: Mapping[str, str]) -> Contract:
    """That of the definition which tenants start with under these ``PROFILES_...`` settings."""
    file = Path(settings.get("PROFILES_DEFINITION", DEFAULT_DEFINITION))
    definition = to_document(read_definition(file.read_text(encoding="utf-8")))
    return contract_for(definition, settings.get("PROFILES_BASE_PATH", ""))


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without its own settings of the service."""
    inherited = {name: value for name, value in os.environ.items() if "PROFILES_" not in name}
    return inherited | settings


def store_url(address: EmbeddedStore | CassandraStore) -> str:
    if isinstance(address, EmbeddedStore):
        return f"sqlite:///{address.path}"
    user = (
        f"{quote(address.username)}:{quote(address.password or '')}@" if address.username else ""
    )
    at = f"{user}{','.join(address.hosts)}:{address.port}"
    options = {"local_dc": address.local_dc}
    if tls := address.tls:
        named = {"ca": tls.ca, "cert": tls.cert, "key": tls.key, "tls_name": tls.name}
        options |= {"tls": "true"} | {name: str(each) for name, each in named.items() if each}
    return f"cassandra://{at}/{address.keyspace}?{urlencode(options)}"


def wait_until(holds: Any, patience: float = PATIENCE_SECONDS) -> None:
    """Return as soon as ``holds()``; fail when it does not in time."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def _lives(service: Service) -> bool:
    assert service.process.poll() is None, service.output
    try:
        return service.send("GET", "/health/live").status == 200
    except OSError:
        return False

"""docs/how-to/proxies.md: query, change and put back through each proxy, with compression on."""

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import stores
from app.settings import EmbeddedStore
from benchmarks.processes import end_group
from local_cassandra.cluster import free_port
from tests.support.server import ROOT, serving, wait_until

PAGE = (ROOT / "docs" / "how-to" / "proxies.md").read_text()
CONFIGURATIONS = dict(re.findall(r"(?ms)^## (\w+)\n.*?^```\w+\n(.*?)^```", PAGE))
DEBIAN = "/usr/sbin:/usr/bin"
WEAK = {"PROFILES_WEAK_IF_MATCH": "yes"}


@dataclass(frozen=True, slots=True)
class Proxy:
    """How one is started with its documented configuration.

    ``whole`` is a file around the configuration. ``{folder}``, ``{file}`` and ``{bind}`` are
    filled in, also in ``command``.
    """

    command: Sequence[str]
    settings: dict[str, str]
    compresses: bool = True
    whole: str = "{documented}"


MODULES = ("mpm_event", "authz_core", "proxy", "proxy_http", "deflate", "filter")
PROXIES = {
    "nginx": Proxy(
        ["nginx", "-e", "{folder}/error", "-p", "{folder}", "-c", "{file}"],
        WEAK,
        whole=(
            "daemon off; pid pid; events {} http { access_log off;"
            " client_body_temp_path body; proxy_temp_path temp; fastcgi_temp_path fast;"
            " uwsgi_temp_path uwsgi; scgi_temp_path scgi; {documented} }"
        ),
    ),
    "Apache": Proxy(
        ["apache2", "-d", "{folder}", "-f", "{file}", "-DFOREGROUND"],
        {},
        whole="\n".join(
            [
                *(
                    f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
                    for name in MODULES
                ),
                "PidFile pid",
                "ErrorLog error",
                "ServerName localhost",
                "User nobody",
                "{documented}",
            ]
        ),
    ),
    "HAProxy": Proxy(["haproxy", "-db", "-f", "{file}"], WEAK),
    "Varnish": Proxy(
        ["varnishd", "-F", "-j", "none", "-a", "{bind}", "-f", "{file}", "-n", "{folder}/run"],
        WEAK,
    ),
    "Caddy": Proxy(
        ["caddy", "run", "--config", "{file}", "--adapter", "caddyfile"],
        {},
        whole="{\nadmin off\n}\n{documented}",
    ),
    "Envoy": Proxy(
        ["envoy", "-c", "{file}", "--use-dynamic-base-id", "--concurrency", "1"],
        {},
        compresses=False,
    ),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client that takes gzip gets."""

    status: int
    tag: str
    coding: str


def sent(bind: str, method: str, path: str, body: object = None, **conditions: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in conditions.items()}
    headers = {"Accept-Encoding": "gzip", "Content-Type": "application/json", **named}
    connection = http.client.HTTPConnection(bind, timeout=30)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        response.read()
    finally:
        connection.close()
    found = response.headers
    return Answer(response.status, found.get("ETag", ""), found.get("Content-Encoding", ""))


@contextmanager
def running(name: str, folder: Path, service: str) -> Iterator[str]:
    """The proxy ``name`` before ``service``; where it listens."""
    proxy, bind = PROXIES[name], f"127.0.0.1:{free_port()}"
    port, file = service.partition(":")[2], folder / "configuration.yaml"
    documented = CONFIGURATIONS[name].replace("8080", port)
    documented = documented.replace("8000", bind.partition(":")[2])
    file.write_text(proxy.whole.replace("{documented}", documented))
    words = [each.format(folder=folder, file=file, bind=bind) for each in proxy.command]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}:{DEBIAN}"
    program = shutil.which(words[0], path=path)
    if program is None:
        pytest.skip(f"{words[0]} is not installed")
    output = folder / "proxy.log"
    with output.open("w") as log:
        process = subprocess.Popen(
            [program, *words[1:]],
            stdout=log,
            stderr=log,
            env={"PATH": path, "HOME": str(folder), "TMPDIR": str(folder)},
            cwd=folder,
            start_new_session=True,
        )

    def answers() -> bool:
        assert process.poll() is None, output.read_text()
        try:
            return sent(bind, "GET", "/health/live").status == 200
        except OSError:
            return False

    try:
        wait_until(answers)
        yield bind
    finally:
        end_group(process)


def test_every_documented_proxy_is_tried() -> None:
    assert CONFIGURATIONS.keys() == PROXIES.keys()


@pytest.mark.parametrize("name", PROXIES)
def test_a_profile_is_read_changed_and_put_back(name: str, folder: Path) -> None:
    address, proxy = EmbeddedStore(folder / "profiles.db"), PROXIES[name]
    stores.migrate(address)
    one, other = {"LastName": "Banner " * 99}, {"LastName": "Hulk " * 99}
    path = "/profiles/bruce"
    with (
        serving(address, folder, **proxy.settings) as service,
        running(name, folder, service.bind) as bind,
    ):
        assert sent(bind, "PUT", path, one, If_None_Match="*").status == 201
        found = sent(bind, "GET", path)
        assert (found.status, found.coding) == (200, "gzip" if proxy.compresses else "")
        assert sent(bind, "GET", path, If_None_Match=found.tag).status == 304
        assert sent(bind, "PUT", path, other, If_Match=found.tag).status == 200
        assert sent(bind, "PUT", path, one, If_Match=found.tag).status == 412
        assert sent(bind, "GET", path, If_None_Match=found.tag).status == 200
        again = sent(bind, "GET", path).tag
        assert again != found.tag
        patched = sent(bind, "PATCH", path, {"FirstName": "Bruce"}, If_Match=again)
        assert patched.status == 200
        assert sent(bind, "DELETE", path, If_Match=patched.tag).status == 200
        assert sent(bind, "GET", path).status == 404

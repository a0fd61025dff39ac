"""Clients generated from the document of a running service walk through its operations."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import stores
from app.settings import EmbeddedStore
from tests.support.server import Service, serving

HERE = Path(__file__).parent
SECONDS = 600
GENERATOR = Path(sys.executable).with_name("openapi-generator-cli")
GENERATE = [str(GENERATOR), "generate", "-q", "-i"]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    address = EmbeddedStore(tmp_path / "profiles.db")
    stores.migrate(address)
    with serving(address, tmp_path) as running:
        yield running


def test_the_python_client_walks(service: Service, tmp_path: Path) -> None:
    client = generated(service, tmp_path, "python", "--package-name", "profiles_client")
    run(client, sys.executable, "-m", "compileall", "-q", "profiles_client")
    shutil.copy(HERE / "python" / "walk.py", client)
    run(client, sys.executable, "walk.py", address_of(service))


def test_the_typescript_client_walks(service: Service, tmp_path: Path) -> None:
    npm = needed("npm", "Node.js 20 or newer")
    walk = shutil.copytree(HERE / "typescript", tmp_path / "walk")
    generated(service, walk, "typescript-axios")
    run(walk, npm, "ci", "--silent", "--no-audit", "--no-fund")
    run(walk, npm, "exec", "--", "tsc")
    run(walk, needed("node", "Node.js 20 or newer"), "built/walk.js", address_of(service))


def test_the_java_client_walks(service: Service, tmp_path: Path) -> None:
    maven = needed("mvn", "a JDK 17 or newer and Maven")
    client = generated(service, tmp_path, "java", "--library", "jersey3")
    shutil.copy(HERE / "java" / "Walk.java", client / "src" / "main" / "java")
    path = "-Dmdep.outputFile=classpath.txt"
    run(client, maven, "-q", "-B", "compile", "dependency:build-classpath", path)
    classes = f"target/classes:{(client / 'classpath.txt').read_text()}"
    run(client, needed("java", "a JDK 17"), "-cp", classes, "Walk", address_of(service))


def generated(service: Service, folder: Path, generator: str, *options: str) -> Path:
    """The folder of the client that ``generator`` makes of the document of ``service``."""
    document, client = folder / "openapi.json", folder / "client"
    document.write_bytes(service.send("GET", "/openapi.json").body)
    run(folder, *GENERATE, str(document), "-g", generator, "-o", str(client), *options)
    return client


def run(folder: Path, *command: str) -> None:
    """Run ``command`` in ``folder``; what it printed is told where it fails."""
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert ended.returncode == 0, ended.stdout[-5000:] + ended.stderr[-5000:]


def needed(program: str, what: str) -> str:
    """The path of ``program``."""
    found = shutil.which(program)
    assert found, f"{program} is not here: install {what}."
    return found


def address_of(service: Service) -> str:
    return f"http://{service.bind}"

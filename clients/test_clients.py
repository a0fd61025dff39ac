"""Clients generated from the document of a running service walk through its operations.

Each in the edition of OpenAPI that its generator takes better (docs/how-to/clients.md).
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import stores
from app.openapi.editions import Edition
from app.settings import EmbeddedStore
from tests.support.server import Service, serving

HERE = Path(__file__).parent
OPENAPI_GENERATOR = HERE / "openapi-generator"
SECONDS = 1200
pytestmark = pytest.mark.timeout(2 * SECONDS)

NODE = "Node.js 20 or newer"
SCRIPTS = Path(sys.executable).parent
KOTLIN = "serializationLibrary=gson,generateOneOfAnyOfWrappers=true,omitGradleWrapper=true"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    address = EmbeddedStore(tmp_path / "profiles.db")
    stores.migrate(address)
    with serving(address, tmp_path) as running:
        yield running


def test_openapi_generator_python(service: Service, tmp_path: Path) -> None:
    folder = walk_of(OPENAPI_GENERATOR / "python", tmp_path)
    openapi_generator(service, folder, "python", "--package-name", "profiles_client")
    run(folder / "client", sys.executable, "-m", "compileall", "-q", "profiles_client")
    shutil.copy(folder / "walk.py", folder / "client")
    run(folder / "client", sys.executable, "walk.py", address_of(service))


def test_openapi_generator_typescript_axios(service: Service, tmp_path: Path) -> None:
    folder = npm_installed(OPENAPI_GENERATOR / "typescript-axios", tmp_path)
    openapi_generator(service, folder, "typescript-axios")
    walk_in_node(service, folder)


def test_openapi_generator_typescript_fetch(service: Service, tmp_path: Path) -> None:
    folder = npm_installed(OPENAPI_GENERATOR / "typescript-fetch", tmp_path)
    openapi_generator(service, folder, "typescript-fetch")
    walk_in_node(service, folder)


def test_openapi_generator_java(service: Service, tmp_path: Path) -> None:
    folder = walk_of(OPENAPI_GENERATOR / "java", tmp_path)
    openapi_generator(service, folder, "java", "--library", "jersey3")
    shutil.copy(folder / "Walk.java", folder / "client" / "src" / "main" / "java")
    # Jersey writes PATCH into a private field of the JDK's own client.
    reflection = ("--add-opens", "java.base/java.net=ALL-UNNAMED")
    walk_in_java(service, folder / "client", "Walk", *reflection)


def test_openapi_generator_kotlin(service: Service, tmp_path: Path) -> None:
    folder = walk_of(OPENAPI_GENERATOR / "kotlin", tmp_path)
    options = ("--library", "jvm-okhttp4", "--additional-properties", KOTLIN)
    openapi_generator(service, folder, "kotlin", *options, edition=Edition.V3_0)
    shutil.copy(folder / "Walk.kt", folder / "client" / "src" / "main" / "kotlin")
    shutil.copy(folder / "pom.xml", folder / "client")
    walk_in_java(service, folder / "client", "WalkKt")


def test_openapi_generator_go(service: Service, tmp_path: Path) -> None:
    folder = walk_of(OPENAPI_GENERATOR / "go", tmp_path)
    without_tests = ("--additional-properties", "withGoMod=false")
    openapi_generator(service, folder, "go", *without_tests, edition=Edition.V3_0)
    shutil.rmtree(folder / "client" / "test")
    walk_in_go(service, folder)


def test_openapi_generator_rust(service: Service, tmp_path: Path) -> None:
    folder = walk_of(OPENAPI_GENERATOR / "rust", tmp_path)
    # Its own version would be that of the service, and then stand in Cargo.lock.
    options = ("--package-name", "profiles", "--additional-properties", "packageVersion=0.0.0")
    openapi_generator(service, folder, "rust", *options, edition=Edition.V3_0)
    walk_in_rust(service, folder)


def test_openapi_generator_csharp_is_generated(service: Service, tmp_path: Path) -> None:
    """No more, as that needs .NET."""
    openapi_generator(service, tmp_path, "csharp")
    assert (tmp_path / "client" / "src" / "Org.OpenAPITools" / "Api" / "ProfilesApi.cs").is_file()


def test_openapi_python_client(service: Service, tmp_path: Path) -> None:
    folder = walk_of(HERE / "openapi-python-client", tmp_path)
    document = written(service, folder, Edition.V3_0)
    generate = (str(SCRIPTS / "openapi-python-client"), "generate", "--path", str(document))
    run(folder, *generate, "--meta", "none", "--output-path", "profiles_client")
    run(folder, sys.executable, "walk.py", address_of(service))


def test_openapi_fetch(service: Service, tmp_path: Path) -> None:
    folder = npm_installed(HERE / "openapi-fetch", tmp_path)
    document = written(service, folder, Edition.V3_1)
    npx(folder, "openapi-typescript", str(document), "-o", "profiles.d.ts")
    walk_in_node(service, folder)


def test_hey_api(service: Service, tmp_path: Path) -> None:
    folder = npm_installed(HERE / "hey-api", tmp_path)
    document = written(service, folder, Edition.V3_1)
    npx(folder, "openapi-ts", "-i", str(document), "-o", "client")
    walk_in_node(service, folder)


def test_orval(service: Service, tmp_path: Path) -> None:
    folder = npm_installed(HERE / "orval", tmp_path)
    written(service, folder, Edition.V3_0)
    npx(folder, "orval", "--config", "orval.config.mjs")
    walk_in_node(service, folder)


def test_oapi_codegen(service: Service, tmp_path: Path) -> None:
    folder = walk_of(HERE / "oapi-codegen", tmp_path)
    document = written(service, folder, Edition.V3_1)
    (folder / "profiles").mkdir()
    run(folder, go(), "tool", "oapi-codegen", "-config", "config.yaml", str(document))
    walk_in_go(service, folder)


def test_ogen(service: Service, tmp_path: Path) -> None:
    folder = walk_of(HERE / "ogen", tmp_path)
    document = written(service, folder, Edition.V3_0)
    generate = (go(), "tool", "ogen", "-config", "ogen.yml", "-target", "profiles")
    run(folder, *generate, "-package", "profiles", str(document))
    walk_in_go(service, folder)


def test_progenitor(service: Service, tmp_path: Path) -> None:
    folder = walk_of(HERE / "progenitor", tmp_path)
    written(service, folder, Edition.V3_0)
    walk_in_rust(service, folder)


def walk_of(source: Path, tmp_path: Path) -> Path:
    """A copy of a walk, to generate and to build in."""
    return shutil.copytree(source, tmp_path / "walk")


def written(service: Service, folder: Path, edition: Edition) -> Path:
    """The document of ``service`` in a file."""
    document = folder / "openapi.json"
    document.write_bytes(service.send("GET", f"/openapi.json?version={edition}").body)
    return document


def openapi_generator(
    service: Service,
    folder: Path,
    generator: str,
    *options: str,
    edition: Edition = Edition.V3_1,
) -> None:
    """Generate ``client`` in ``folder``."""
    document = written(service, folder, edition)
    generate = (str(SCRIPTS / "openapi-generator-cli"), "generate", "-q", "-i", str(document))
    run(folder, *generate, "-g", generator, "-o", "client", *options)


def npm_installed(source: Path, tmp_path: Path) -> Path:
    """`walk_of` with all that its lock file names."""
    folder = walk_of(source, tmp_path)
    run(folder, npm(), "ci", "--silent", "--no-audit", "--no-fund")
    return folder


def npx(folder: Path, *command: str) -> None:
    run(folder, npm(), "exec", "--", *command)


def walk_in_node(service: Service, folder: Path) -> None:
    npx(folder, "tsc")
    run(folder, needed("node", NODE), "built/walk.js", address_of(service))


def walk_in_go(service: Service, folder: Path) -> None:
    run(folder, go(), "build", "-o", "built", ".")
    run(folder, str(folder / "built"), address_of(service))


def walk_in_rust(service: Service, folder: Path) -> None:
    cargo = needed("cargo", "Rust 1.88 or newer")
    run(folder, cargo, "run", "--quiet", "--locked", "--", address_of(service))


def walk_in_java(service: Service, client: Path, main: str, *options: str) -> None:
    maven = needed("mvn", "a JDK 17 or newer and Maven")
    path = "-Dmdep.outputFile=classpath.txt"
    run(client, maven, "-q", "-B", "compile", "dependency:build-classpath", path)
    classes = f"target/classes:{(client / 'classpath.txt').read_text()}"
    run(client, needed("java", "a JDK 17"), *options, "-cp", classes, main, address_of(service))


def npm() -> str:
    return needed("npm", NODE)


def go() -> str:
    return needed("go", "Go 1.26 or newer")


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

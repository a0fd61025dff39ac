"""The container files: what can be checked of them without an engine."""

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from app.settings import CassandraStore, store_address
from tests.support.server import ROOT

COPIED = [
    line.split()[1:-1]
    for line in (ROOT / "Dockerfile").read_text().splitlines()
    if line.startswith("COPY")
]


def test_everything_that_the_image_copies_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for source in [name for names in COPIED for name in names]:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored


def test_the_image_runs_as_its_own_user_with_a_health_check() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert "--uid 10001" in text
    assert text.index("USER 10001") < text.index("CMD [")
    assert "HEALTHCHECK" in text
    assert "/health/live" in text


def test_compose_starts_the_service_on_the_cassandra_beside_it() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    address = store_address(services["profiles"]["environment"]["PROFILES_STORE"])
    assert isinstance(address, CassandraStore)
    assert address.hosts[0] in services
    assert services["profiles"]["depends_on"]["cassandra"]["condition"] == "service_healthy"
    assert "healthcheck" in services["cassandra"]


def test_compose_opens_to_all_only_what_this_machine_alone_can_reach() -> None:
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["profiles"]
    assert service["environment"]["PROFILES_OPEN_TO_ALL"] == "yes"
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_an_installed_package_carries_what_it_needs_to_serve(tmp_path: Path) -> None:
    """As the image installs it, but into a folder, and run from another one."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    copy = tmp_path / "source"
    for source in [name for names in COPIED for name in names]:
        target = copy / source
        target.parent.mkdir(parents=True, exist_ok=True)
        copy_of = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy_of(ROOT / source, target)
    subprocess.run([*pip, "--target", str(tmp_path / "installed"), str(copy)], check=True)
    installed = tmp_path / "installed"
    for name in (
        "wsgi.py",
        "app/serving/gunicorn_config.py",
        "schemas/definitions/default.yaml",
        "migrations_cql/0001_profile.cql",
    ):
        assert (installed / name).exists(), name
    code = (
        "import app.serving.gunicorn_config, wsgi;"
        " from app.dao.cassandra.migrations.files import read_migrations;"
        " print(wsgi.__file__, read_migrations()[0].name)"
    )
    ended = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": f"{installed}:{Path(yaml.__file__).parent.parent}"},
    )
    assert str(installed) in ended.stdout, ended.stderr

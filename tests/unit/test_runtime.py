"""The folder that the processes of one service share."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import runtime
from tests.support.server import ROOT

ASK = "from app.runtime import Election; print(Election('task').won())"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("PROFILES_RUNTIME_FOLDER", "PROMETHEUS_MULTIPROC_DIR"):
        monkeypatch.setenv(name, "")
    runtime.make_folder()
    found = runtime.folder()
    assert found
    yield found
    runtime.remove_folder()
    assert not found.exists()


def test_only_its_owner_may_look_into_it(made: Path) -> None:
    assert made.stat().st_mode & 0o777 == 0o700
    assert Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).parent == made


def test_one_process_is_elected_until_it_ends(made: Path) -> None:
    elected = runtime.Election("task")
    assert elected.won()
    assert elected.won()
    assert asked_elsewhere() == "False"
    del elected
    assert asked_elsewhere() == "True"


def test_a_process_without_a_master_is_the_only_one() -> None:
    assert runtime.folder() is None
    assert runtime.Election("task").won()
    assert runtime.Election("task").won()


def test_the_master_imports_no_metric_before_their_folder_is_made() -> None:
    imports = "import sys, app.serving.gunicorn_config, app.serving.worker"
    code = f"{imports}; print('prometheus_client' in sys.modules)"
    assert output(code) == "False"


def asked_elsewhere() -> str:
    return output(ASK)


def output(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout.strip()

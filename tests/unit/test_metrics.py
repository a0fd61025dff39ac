"""The numbers of several workers, read while workers come and go."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.watching import metrics
from tests.support.metrics import counted, read
from tests.support.server import ROOT

COUNT = (
    "from app.watching import metrics;"
    " metrics.COMPILED.inc(); metrics.CONNECTIONS.labels('file').set(3)"
)


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of two workers that have counted something."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    for _ in range(2):
        subprocess.run([sys.executable, "-c", COUNT], cwd=ROOT, check=True)
    return tmp_path


def test_the_numbers_of_all_workers_are_added_up(shared: Path) -> None:
    assert counted("profiles_definitions_compiled_total") == 2
    assert counted("profiles_store_connections", peer="file") == 6


def test_a_worker_that_just_starts_has_counted_nothing(shared: Path) -> None:
    (shared / "counter_1.db").touch()
    (shared / "gauge_livesum_1.db").symlink_to(shared / "gone")
    text, _ = metrics.exposition("")
    assert read(text.decode())["profiles_definitions_compiled_total", frozenset()] == 2

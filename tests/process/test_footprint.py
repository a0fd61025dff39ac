"""What the service takes at rest: generous bounds, so that it does not grow unseen."""

import subprocess
import sys
from pathlib import Path

from app.settings import EmbeddedStore
from tests.support.server import ROOT, serving

# About twice what was measured: 60 MB of each worker, 812 modules.
MAX_RESIDENT_BYTES = 120_000_000
MAX_MODULES = 1_200
REQUESTS = 200


def test_a_worker_stays_small(embedded_address: EmbeddedStore, tmp_path: Path) -> None:
    with serving(embedded_address, tmp_path) as service:
        service.send("PUT", "/profiles/small", {"FirstName": "Bruce"}, If_None_Match="*")
        for _ in range(REQUESTS):
            service.send("GET", "/profiles/small")
        sizes = [worker.memory_info().rss for worker in service.workers()]
    assert max(sizes) < MAX_RESIDENT_BYTES


def test_the_application_imports_no_more_than_it_did() -> None:
    code = "import sys, app.factory; print(len(sys.modules), 'cassandra' in sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules, driver = ended.stdout.split()
    assert int(modules) < MAX_MODULES
    assert driver == "False"

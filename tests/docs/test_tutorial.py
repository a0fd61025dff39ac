"""The tutorial is sent as it stands there, to a service such as `make run` starts."""

import re
import subprocess
from pathlib import Path

from app import stores
from app.settings import EmbeddedStore
from tests.support.server import ROOT, serving

STEP = re.compile(r"```sh\n(.*?)```\n(?:(?!```).)*?```json\n(.*?)```", re.DOTALL)
STEPS = STEP.findall((ROOT / "docs" / "tutorial.md").read_text())
ADDRESS = "127.0.0.1:8080"


def test_every_step_of_the_tutorial_is_answered_as_it_shows(tmp_path: Path) -> None:
    address = EmbeddedStore(tmp_path / "profiles.db")
    stores.migrate(address)
    assert len(STEPS) == (ROOT / "docs" / "tutorial.md").read_text().count("```sh")
    with serving(address, tmp_path) as service:
        for commands, shown in STEPS:
            script = commands.replace(ADDRESS, service.bind)
            ran = subprocess.run(
                ["/usr/bin/env", "bash", "-c", script],
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            assert ran.stdout.strip() == shown.strip(), script

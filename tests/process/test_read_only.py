"""What the service writes to: nothing but the folder for temporary files, and its store."""

import re
from pathlib import Path

from app.settings import EmbeddedStore
from tests.support.creators import EXAMPLE
from tests.support.server import serving

# Python runs it at each start, so it sees what the master and the workers open.
WATCH = """
import os
import sys

def tell(event, arguments):
    if event != "open" or isinstance(arguments[0], int):
        return
    if arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        os.write(2, f"opened <{arguments[0]}> to write\\n".encode())

sys.addaudithook(tell)
"""


def test_a_read_only_file_system_with_a_tmp_is_enough(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    watched = {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    with serving(embedded_address, tmp_path, **watched, TMPDIR=str(temporary)) as service:
        assert service.send("POST", "/profiles", EXAMPLE).status == 201
        assert service.interrupt() == 0
    opened = set(re.findall("opened <(.+)> to write", service.output)) - {"/dev/null"}
    assert opened
    assert {path for path in opened if not path.startswith(f"{temporary}/")} == set()

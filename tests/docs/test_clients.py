"""The table of generators in ``docs/how-to/clients.md`` names what `make test-clients` tries."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "how-to" / "clients.md").read_text()
CLIENTS = ROOT / "clients"
ROWS = re.findall(r"^\| (.+?) \| (?:\w|#)+ \| (3\.[01]) \| .*\|$", PAGE, re.MULTILINE)
PINS = ("package.json", "go.mod", "Cargo.toml")
TESTS = (CLIENTS / "test_clients.py").read_text()


def test_each_generator_that_is_tried_has_a_row() -> None:
    assert len(ROWS) == len(re.findall(r"^def test_", TESTS, re.MULTILINE)) == 15


@pytest.mark.parametrize("row", [row for row, _ in ROWS])
def test_the_version_is_the_one_that_is_pinned(row: str) -> None:
    pins = [path.read_text() for path in CLIENTS.rglob("*") if path.name in PINS]
    pinned = "\n".join([*pins, (ROOT / "setup.cfg").read_text()])
    for name, version in re.findall(r"([\w@/-]+) (\d+\.\d+\.\d+)", row):
        known = rf'{re.escape(name)}[\w/.-]*"?:? ?=*[ "v=]*{re.escape(version)}\b'
        assert re.search(known, pinned), f"{name} {version}"


@pytest.mark.parametrize(("row", "edition"), ROWS)
def test_the_edition_is_the_one_that_is_tried(row: str, edition: str) -> None:
    name = re.sub(r" \d+\.\d+\.\d+", "", row.split(", ", maxsplit=1)[0].lower()).replace(
        " `fetch`", ""
    )
    found = re.sub(r"\W+", "_", name.replace("@", "").split("/")[0]).strip("_")
    found = {"openapi_typescript": "openapi_fetch"}.get(found, found)
    (body,) = re.findall(rf"^def test_{found}\w*\(.*?(?=^def |\Z)", TESTS, re.S | re.M)[:1]
    assert ("V3_0" in body) is (edition == "3.0")

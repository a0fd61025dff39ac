"""What the documentation says of the benchmark is what there is."""

import re

from benchmarks.check import BOUNDS, COUNT
from benchmarks.parts import UNITS
from tests.support.server import ROOT

TEXT = (ROOT / "docs" / "benchmarks.md").read_text()


def test_every_unit_is_documented() -> None:
    assert tuple(re.findall(r"^\| `([a-z-]+)` \|", TEXT, re.MULTILINE)) == UNITS


def test_the_bounds_of_the_comparison_are_those_of_the_code() -> None:
    assert f"sends {COUNT} requests" in TEXT
    assert all(f"{bound:.2f}" in TEXT for bound in BOUNDS.values())

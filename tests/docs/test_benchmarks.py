"""What the documentation says of the benchmark is what there is."""

import re

from benchmarks.check import BOUNDS, COUNT
from benchmarks.page import DISTURBED
from benchmarks.run import LOADED, UNITS
from tests.support.server import ROOT

TEXT = (ROOT / "docs" / "benchmarks.md").read_text()


def test_every_unit_is_documented() -> None:
    assert tuple(re.findall(r"^\| `([a-z-]+)` \|", TEXT, re.MULTILINE)) == UNITS


def test_the_figures_of_the_documentation_are_those_of_the_code() -> None:
    assert f"sends {COUNT} requests" in TEXT
    assert all(f"{bound:.2f}" in TEXT for bound in BOUNDS.values())
    assert all(f"{count:,} profiles" in TEXT for count in LOADED.values())
    assert f"more than {100 * DISTURBED:.0f} % of the processors" in " ".join(TEXT.split())

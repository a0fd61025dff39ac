"""Measurements as JSON files, one of each unit, written as soon as it is measured.

A run that is started again on the same commits and machine goes on behind those it finds.
"""

import json
from pathlib import Path

from benchmarks.machine import ROOT
from benchmarks.rounds import Samples

FOLDER = ROOT / "var" / "bench"

Units = dict[str, dict[str, Samples]]
"""What was measured, by store and unit."""


class Measurements:
    """Those of one run, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, store: str, unit: str) -> bool:
        return self._path(store, unit).exists()

    def save(self, store: str, unit: str, measured: Samples) -> None:
        """Whole or not at all."""
        path = self._path(store, unit)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(measured))
        new.replace(path)

    def all(self) -> Units:
        found: Units = {}
        for path in sorted(self.folder.glob("*.*.json")):
            store, unit, _ = path.name.split(".")
            found.setdefault(store, {})[unit] = json.loads(path.read_text())
        return found

    def forget(self) -> None:
        """Start anew."""
        for path in self.folder.glob("*.*.json"):
            path.unlink()

    def _path(self, store: str, unit: str) -> Path:
        return self.folder / f"{store}.{unit}.json"

"""Measurements as JSON files, one of each unit, written as soon as it is measured.

A run that is started again on the same commit and machine goes on behind those it finds.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.machine import ROOT, Machine

FOLDER = ROOT / "var" / "bench"
_MACHINE = "machine.json"

Units = dict[str, dict[str, Any]]
"""What was measured, by store and unit."""


class Measurements:
    """Those of one commit on one machine, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of(cls, machine: Machine, *, quick: bool, root: Path = FOLDER) -> "Measurements":
        """Quick ones are kept apart from the others."""
        made = cls(root / (machine.key + ("-quick" if quick else "")))
        made._folder.mkdir(parents=True, exist_ok=True)
        made._write(_MACHINE, asdict(machine) | {"quick": quick})
        return made

    @property
    def folder(self) -> Path:
        return self._folder

    def has(self, store: str, unit: str) -> bool:
        return (self._folder / _name(store, unit)).exists()

    def save(self, store: str, unit: str, measured: Any) -> None:
        """Whole or not at all."""
        self._write(_name(store, unit), measured)

    def missing(self, store: str, units: Iterable[str]) -> list[str]:
        """Those of ``units`` that are still to be measured."""
        return [unit for unit in units if not self.has(store, unit)]

    def machine(self) -> dict[str, Any]:
        """The machine, and whether the run was a ``quick`` one."""
        found: dict[str, Any] = json.loads((self._folder / _MACHINE).read_text())
        return found

    def all(self) -> Units:
        found: Units = {}
        for path in sorted(self._folder.glob("*.*.json")):
            store, unit, _ = path.name.split(".")
            found.setdefault(store, {})[unit] = json.loads(path.read_text())
        return found

    def forget(self) -> None:
        """Start anew."""
        for path in self._folder.glob("*.*.json"):
            path.unlink()

    def _write(self, name: str, value: Any) -> None:
        new = self._folder / f"{name}.new"
        new.write_text(json.dumps(value))
        new.replace(self._folder / name)


def latest(root: Path = FOLDER) -> Measurements | None:
    """Those that were written to last, None if there are none."""
    folders = [each for each in root.glob("*") if (each / _MACHINE).exists()]
    if not folders:
        return None
    return Measurements(max(folders, key=lambda each: each.stat().st_mtime))


def _name(store: str, unit: str) -> str:
    return f"{store}.{unit}.json"

"""What is looked at in a SQLite file, beside its tables."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import apsw

from app.dao.embedded import rights
from app.dao.findings import Finding, Level, judged

# Earlier ones may corrupt a write-ahead log that several processes use
# (sqlite.org/wal.html#walresetbug).
SAFE_SQLITE = (3, 51, 3)
MIB = 1024 * 1024
LITTLE_ROOM, NO_ROOM = 1024 * MIB, 64 * MIB


def examine(path: Path, connection: apsw.Connection) -> Iterator[Finding]:
    """The library, the file that ``connection`` has open at ``path``, and its disk."""
    version = apsw.sqlite_lib_version()
    yield library(version)
    mode = connection.pragma("journal_mode")
    yield judged(
        "journal",
        f"the file uses {'a write-ahead log' if mode == 'wal' else f'journal mode {mode}'}",
        good=mode == "wal",
        advice="run `profiles migrate apply`, which sets it",
        bad=Level.PROBLEM,
    )
    yield judged(
        "file",
        f"{path} and its folder can{'' if (writable := _writable(path)) else 'not'} be written",
        good=writable,
        advice="give the user of the service the right to write both",
        bad=Level.PROBLEM,
    )
    wide = rights.are_wide(path)
    yield judged(
        "rights",
        f"{path} can{'' if wide else 'not'} be read by others on this machine",
        good=not wide,
        advice="run `profiles migrate apply` as its owner, or `chmod 600` the file",
        bad=Level.WARNING,
    )
    yield room(path.parent, shutil.disk_usage(path.parent).free)


def library(version: str) -> Finding:
    """Whether several processes may use a file through SQLite ``version``."""
    return judged(
        "SQLite library",
        f"SQLite {version}",
        good=tuple(map(int, version.split("."))) >= SAFE_SQLITE,
        advice="install apsw 3.51.3 or newer: this one may corrupt a file that is written by"
        " several processes",
        bad=Level.PROBLEM,
    )


def room(folder: Path, free: int) -> Finding:
    """Whether ``free`` bytes are enough to go on."""
    return judged(
        "disk",
        f"{free // MIB} MiB are free on the disk of {folder.absolute()}",
        good=free >= LITTLE_ROOM,
        advice="make room, or move the file: a write that finds none is refused",
        bad=Level.WARNING if free >= NO_ROOM else Level.PROBLEM,
    )


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)

"""Which commit is measured, and on what machine."""

import hashlib
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
_OF_THE_SERVICE = ("app", "schemas", "migrations_cql", "requirements", "wsgi.py")


@dataclass(frozen=True, slots=True)
class Machine:
    """What measurements have to share to be comparable; ``commit`` ends in + when the files
    of the service differ from it, with a digest of how."""

    commit: str
    processor: str
    cores: int
    memory_gb: int
    system: str
    python: str

    @property
    def key(self) -> str:
        """A name for a folder: the commit, and a digest of the machine."""
        told = asdict(self)
        commit = told.pop("commit")
        return f"{commit}-{hashlib.sha256(repr(told).encode()).hexdigest()[:8]}"

    def told(self) -> str:
        """One line for a person."""
        size = f"{self.cores} cores, {self.memory_gb} GB"
        return f"{self.processor}, {size}, {self.system}, Python {self.python}"


def this_machine() -> Machine:
    """That of this process and working tree."""
    return Machine(
        commit=_commit(),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(psutil.virtual_memory().total / 2**30),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
    )


def git(*arguments: str) -> str:
    """What git says in this working tree."""
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def _commit() -> str:
    commit = git("rev-parse", "--short=12", "HEAD")
    changed = git("diff", "HEAD", "--", *_OF_THE_SERVICE)
    return f"{commit}+{hashlib.sha256(changed.encode()).hexdigest()[:6]}" if changed else commit


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()

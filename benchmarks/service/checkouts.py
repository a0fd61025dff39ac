"""The two states of the source that are compared, each in an environment of what it requires.

Both are made in var/bench and kept there, so that the next comparison starts at once.
"""

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import ROOT, git, this_machine
from benchmarks.measurements import FOLDER
from benchmarks.rounds import say

_REQUIREMENTS = Path("requirements") / "runtime.txt"


class NoCheckout(Exception):
    """There is no such commit, or its environment cannot be made."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """Files of the service and the programs of the environment that they are installed in."""

    commit: str
    root: Path
    programs: Path


def working_tree() -> Checkout:
    """The files that this process runs from.

    Not in the environment of this process: what else is installed there costs a worker memory
    (the driver imports numpy where it finds it, which is 12 MiB).

    :raises NoCheckout: its environment cannot be made.
    """
    required = [(ROOT / name).read_bytes() for name in (_REQUIREMENTS, "setup.cfg")]
    folder = FOLDER / f"working-{hashlib.sha256(b''.join(required)).hexdigest()[:12]}"
    made = Checkout(this_machine().commit, ROOT, folder / "environment" / "bin")
    _complete(folder, made, lambda: None)
    return made


def checkout(base: str) -> Checkout:
    """The commit ``base``.

    :raises NoCheckout: there is none, or its environment cannot be made.
    """
    try:
        commit = git("rev-parse", "--verify", "--quiet", "--short=12", f"{base}^{{commit}}")
    except subprocess.CalledProcessError:
        raise NoCheckout(f"There is no commit {base}: give one as BASE.") from None
    folder = FOLDER / commit
    made = Checkout(commit, folder / "tree", folder / "environment" / "bin")
    _complete(folder, made, lambda: _extract(commit, made.root))
    return made


def _complete(folder: Path, made: Checkout, extract: Callable[[], None]) -> None:
    """Make what is to be in ``folder``, unless it was made before."""
    complete = folder / "complete"
    if complete.exists():
        return
    say(f"making an environment of {made.commit} in {folder} ...")
    shutil.rmtree(folder, ignore_errors=True)
    extract()
    _install(made)
    complete.touch()


def _extract(commit: str, root: Path) -> None:
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(root, filter="data")


def _install(made: Checkout) -> None:
    pip = [str(made.programs / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    requirements = str(made.root / _REQUIREMENTS)
    for words in (
        [sys.executable, "-m", "venv", str(made.programs.parent)],
        [*pip, "--quiet", "--require-hashes", "-r", requirements],
        [*pip, "--quiet", "--no-deps", "--no-build-isolation", "-e", str(made.root)],
    ):
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise NoCheckout(f"{' '.join(words)} failed:\n{ended.stderr[-2000:]}")

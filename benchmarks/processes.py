"""Servers started for a measurement: their start and end, their CPU time and memory."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

START_SECONDS = 90
STOP_SECONDS = 30


class NoStart(Exception):
    """A server did not start; the message has the end of what it said."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A process and those that it has started."""

    pid: int

    def processes(self) -> list[psutil.Process]:
        """Itself first."""
        root = psutil.Process(self.pid)
        return [root, *root.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """User and system time of all that run now, since each was started."""
        total = 0.0
        for each in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                total += times.user + times.system
        return total

    def resident(self) -> list[int]:
        """The resident bytes of each process but the first, or of that if it is alone."""
        _, *workers = processes = self.processes()
        return [each.memory_info().rss for each in workers or processes]

    def peaks(self) -> dict[int, int]:
        """The largest resident bytes that each has had until now; those that end have none."""
        found = {}
        with contextlib.suppress(psutil.NoSuchProcess, OSError):
            for each in self.processes():
                status = Path(f"/proc/{each.pid}/status").read_text()
                for line in status.splitlines():
                    if line.startswith("VmHWM"):
                        found[each.pid] = int(line.split()[1]) * 1024
        return found


@dataclass(frozen=True, slots=True)
class Server:
    """Something that answers HTTP at ``url``; ``seconds``: how long it took to be ready."""

    url: str
    tree: Tree
    seconds: float


@dataclass(frozen=True, slots=True)
class Command:
    """What starts a server: words, the variables beside those there are, and the folder."""

    words: Sequence[str]
    environment: Mapping[str, str]
    folder: Path


def end_in_order() -> None:
    """Let SIGTERM end this process as Ctrl-C does, so that all that it started ends too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


@contextmanager
def started(command: Command, url: str, ready: str) -> Iterator[Server]:
    """The server at ``url`` once it answers 200 at the path ``ready``; ended at the end.

    :raises NoStart: it ends, or does not answer in time.
    """
    begin = time.monotonic()
    output = command.folder / f"{Path(command.words[0]).name}-{url.rpartition(':')[2]}.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            command.words,
            env=os.environ | command.environment,
            stdout=log,
            stderr=log,
            cwd=command.folder,
            start_new_session=True,
        )
    try:
        while not _answers(url + ready):
            if process.poll() is not None or time.monotonic() > begin + START_SECONDS:
                raise NoStart(f"{' '.join(command.words)} did not start:\n{end_of(output)}")
            time.sleep(0.02)
        yield Server(url, Tree(process.pid), time.monotonic() - begin)
    finally:
        end_group(process)


def end_group(process: subprocess.Popen[Any], patience: float = STOP_SECONDS) -> None:
    """End a process that leads a group, and the group with it: by force after ``patience``."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310
            return True
    except urllib.error.HTTPError:
        return False
    except OSError:
        return False


def end_of(output: Path) -> str:
    """The last lines of a log."""
    return "\n".join(output.read_text(errors="replace").splitlines()[-15:])

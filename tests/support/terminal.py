"""A command as it runs on a terminal: standard error is one, of 120 columns."""

import contextlib
import os
import pty
import signal
import subprocess
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.server import PROFILES, ROOT, environment


class Terminal:
    """A running command, and what its terminal has shown so far."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self._master = master
        self._shown = b""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def shown(self) -> str:
        return self._shown.decode(errors="replace")

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """The exit code, once all is shown."""
        code = self.process.wait(120)
        self._reader.join()
        return code

    def _read(self) -> None:
        # The kernel says EIO when the last process has closed its end.
        with contextlib.suppress(OSError):
            while data := os.read(self._master, 4096):
                self._shown += data


@contextmanager
def on_a_terminal(*arguments: str, output: Path, **settings: str) -> Iterator[Terminal]:
    """``profiles ARGUMENTS``, its standard output in a file."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (40, 120))
    with output.open("wb") as file:
        process = subprocess.Popen(
            [PROFILES, *arguments],
            stdout=file,
            stderr=slave,
            env=environment(**settings) | {"TERM": "xterm-256color", "COLUMNS": "120"},
            cwd=ROOT,
        )
    os.close(slave)
    terminal = Terminal(process, master)
    try:
        yield terminal
    finally:
        process.kill()
        terminal.end()
        os.close(master)

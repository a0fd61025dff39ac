"""How far long work is: a bar on a terminal, elsewhere a plain line from time to time."""

import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import click

LINE_SECONDS = 5.0
MAX_SAID = 10
"""Of what goes wrong with single profiles, how many are said; the result counts all."""


@dataclass(frozen=True, slots=True)
class Task:
    """Long work on some ``unit``, such as profiles.

    ``total`` and ``done`` measure it (bytes, profiles; None: no one knows), ``count`` is the
    number of units; ``done`` and ``count`` are those of an earlier run. ``resumes``: whether
    the same command goes on where this run stops.
    """

    title: str
    unit: str
    total: int | None = None
    done: int = 0
    count: int = 0
    resumes: bool = True
    started: float = field(default_factory=time.monotonic)

    def told(self, done: int, count: int) -> str:
        """The units so far, and by what this run has done in its time the rate and the rest."""
        seconds = max(time.monotonic() - self.started, 0.001)
        told = f"{count:,} {self.unit}, {(count - self.count) / seconds:,.0f}/s"
        if self.total is None or done <= self.done:
            return told
        left = round((self.total - done) * seconds / (done - self.done))
        return f"{told}, {left // 3600}:{left // 60 % 60:02}:{left % 60:02} left"


class Progress(ABC):
    """What is seen of a task."""

    @abstractmethod
    def update(self, done: int, count: int) -> None:
        """So much of it is done now."""

    @abstractmethod
    def say(self, text: str) -> None:
        """A line of its own."""


class _Lines(Progress):
    def __init__(self, task: Task) -> None:
        self._task = task
        self._next = task.started + LINE_SECONDS

    def update(self, done: int, count: int) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + LINE_SECONDS
            share = f"{done / self._task.total:.0%}, " if self._task.total else ""
            self.say(f"{self._task.title}: {share}{self._task.told(done, count)}")

    def say(self, text: str) -> None:
        click.echo(text, err=True)


class _Bar(Progress):
    def __init__(self, task: Task) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn
        from rich.progress import Progress as Display

        self._task = task
        self._display = Display(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[told]}"),
            console=Console(stderr=True),
            transient=task.total is None,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        told = task.told(task.done, task.count)
        self._bar = self._display.add_task(
            task.title, total=task.total, completed=task.done, told=told
        )
        self.start, self.stop = self._display.start, self._display.stop

    def update(self, done: int, count: int) -> None:
        self._display.update(self._bar, completed=done, told=self._task.told(done, count))

    def say(self, text: str) -> None:
        self._display.console.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress(task: Task, *, bar: bool = True) -> Iterator[Progress]:
    """Show ``task`` on standard error while it is worked at.

    ``bar``: whether the terminal, if it is one, has room for a bar.
    """
    display = _Bar(task) if bar and sys.stderr.isatty() else None
    shown = display or _Lines(task)
    if display:
        display.start()
    try:
        yield shown
    except KeyboardInterrupt:
        if task.resumes:
            shown.say("interrupted; the same command goes on from here")
        raise
    finally:
        if display:
            display.stop()

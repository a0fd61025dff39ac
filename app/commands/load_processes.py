"""The processes that load a file: this one reads it and shares it out, others store.

One process would be held up by what it works out itself (Python runs one thread at a time)
long before the store is at its limit.
"""

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

import click

from app.dao.errors import StoreUnavailable
from app.services.lanes import Awaited, Lanes, Told, chunks, shares
from app.services.loading import Chunk, Line, Loader

if TYPE_CHECKING:
    from app.core import Core

OPEN_CHUNKS = 8
"""How many chunks are worked at, so that no lane waits for the slowest one."""


class LoadProcesses:
    """Processes of ``threads`` lanes each; to be entered before this one uses the store, or
    starts a thread: they are forked."""

    def __init__(self, core: "Core", loader: Loader, count: int, threads: int) -> None:
        self._core = core
        self._loader = loader
        self._count = count
        self._threads = threads
        self._processes: list[Any] = []
        self._connections: list[Connection[Any, Any]] = []

    def __enter__(self) -> "LoadProcesses":
        context = get_context("fork")
        for _ in range(self._count):
            ours, theirs = context.Pipe()
            self._connections.append(ours)
            process = context.Process(target=self._serve, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)
        return self

    def __exit__(self, *_: object) -> None:
        """They leave what they have not begun, and end."""
        for connection in self._connections:
            connection.close()
        for process in self._processes:
            process.join()

    def load(self, lines: Iterable[Line]) -> Iterator[Chunk]:
        """Load all lines; yields each chunk, in order, when it and all before are stored.

        :raises StoreUnavailable: in between; chunks that were yielded are stored.
        :raises StoreBusy: likewise, when others write the same profiles.
        :raises ClickException: likewise, when one of the processes has died.
        """
        awaited = Awaited()
        for number, chunk in enumerate(chunks(lines)):
            shared = shares(chunk, self._loader, self._count * self._threads)
            awaited.add(number, chunk, sum(map(bool, shared)))
            with _living():
                for first, connection in enumerate(self._connections):
                    connection.send((number, shared[first :: self._count]))
            while len(awaited) >= OPEN_CHUNKS:
                yield from self._told(awaited)
        while awaited:
            yield from self._told(awaited)

    def _told(self, awaited: Awaited) -> Iterator[Chunk]:
        """Wait until some lanes have told of a share, if any has one."""
        yield from awaited.done()
        ready = wait(self._connections) if awaited else []
        for connection in [each for each in self._connections if each in ready]:
            with _living():
                told: Told = connection.recv()
            if isinstance(told, Exception):
                raise told
            awaited.take(*told)

    def _serve(self, connection: "Connection[Any, Any]") -> None:
        """What each process does, until this one closes the connection or is gone."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for ours in self._connections:
            ours.close()
        with suppress(EOFError, OSError):
            try:
                self._loader.prepare()
            except StoreUnavailable as error:
                connection.send(error)
            self._work(connection)
        self._core.dao.close()

    def _work(self, connection: "Connection[Any, Any]") -> None:
        def tell(told: Told) -> None:
            with suppress(OSError):
                connection.send(told)

        lanes = Lanes(self._loader, self._threads, tell)
        try:
            while True:
                lanes.put(*connection.recv())
        finally:
            lanes.stop()


@contextmanager
def _living() -> Iterator[None]:
    """:raises ClickException: the process at the other end has died."""
    try:
        yield
    except (EOFError, OSError):
        raise click.ClickException(
            "A process that loads profiles has died; the same command goes on from here."
        ) from None

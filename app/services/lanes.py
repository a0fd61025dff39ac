"""Loading several lines at a time, and those of one profile one after the other.

All lines of a profile go into one lane, in the order in which they stand in the file: so of
several, the last one wins.
"""

import os
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from queue import SimpleQueue
from typing import Any
from zlib import crc32

from app.dao.errors import StoreNotPrepared, StoreUnavailable
from app.services.errors import StoreBusy
from app.services.loading import Chunk, Line, Loader, Refused

CHUNK_LINES = 500
CHUNK_BYTES = 1024 * 1024
"""A chunk ends with the line that makes it so long."""

PAUSES = (0.5, 1.0, 2.0)
"""A store that is used to its limit may be too busy to answer in time."""

Told = tuple[int, int, tuple[Refused, ...]] | Exception
"""Of a share: the number of its chunk, how many lines were loaded, and which were refused. Or
what stopped the lane."""


def chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """``lines`` in groups that are small enough to be kept, several of them."""
    chunk, size = list[Line](), 0
    for line in lines:
        chunk.append(line)
        size += len(line.text)
        if len(chunk) == CHUNK_LINES or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def shares(chunk: Sequence[Line], loader: Loader, lanes: int) -> list[list[Line]]:
    """The lines of ``chunk`` that each lane gets; blank ones are left out."""
    shared: list[list[Line]] = [[] for _ in range(lanes)]
    for line in chunk:
        if not loader.is_blank(line):
            shared[crc32(loader.customer_id(line).encode()) % lanes].append(line)
    return shared


class Awaited:
    """The chunks that are worked at, and what was told of them so far."""

    def __init__(self) -> None:
        self._shares: dict[int, int] = {}
        self._chunks: dict[int, Chunk] = {}

    def __len__(self) -> int:
        return len(self._chunks)

    def add(self, number: int, chunk: Sequence[Line], shares: int) -> None:
        """``chunk``, which so many lanes have a share of."""
        self._chunks[number] = Chunk(chunk[-1].number, chunk[-1].end, 0, ())
        self._shares[number] = shares

    def take(self, number: int, loaded: int, refused: tuple[Refused, ...]) -> None:
        """A lane has loaded its share."""
        before = self._chunks[number]
        told = sorted((*before.refused, *refused), key=lambda each: each.line)
        self._chunks[number] = replace(before, loaded=before.loaded + loaded, refused=tuple(told))
        self._shares[number] -= 1

    def done(self) -> Iterator[Chunk]:
        """The first ones, as far as they are done."""
        for number in list(self._chunks):
            if self._shares[number]:
                return
            del self._shares[number]
            yield self._chunks.pop(number)


class Lanes:
    """Threads that load what is put into them. ``tell`` is called by one of them at a time."""

    def __init__(
        self,
        loader: Loader,
        count: int,
        tell: Callable[[Told], None],
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        """``pauses``: in seconds, after each of which a line is tried again."""
        self._loader = loader
        self._pauses = pauses
        self._tell = tell
        self._telling = threading.Lock()
        self._stopping = threading.Event()
        self._queues = [SimpleQueue[Any]() for _ in range(count)]
        self._threads = [
            threading.Thread(target=self._run, args=(each,), daemon=True) for each in self._queues
        ]
        for thread in self._threads:
            thread.start()

    def put(self, number: int, shared: Sequence[Sequence[Line]]) -> None:
        """Load what each lane gets of the chunk ``number``, after all that it got before."""
        for queue, lines in zip(self._queues, shared, strict=True):
            if lines:
                queue.put((number, lines))

    def stop(self) -> None:
        """Leave the lines that are not begun, and wait for the others."""
        self._stopping.set()
        for queue in self._queues:
            queue.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self, queue: "SimpleQueue[Any]") -> None:
        try:
            while (share := queue.get()) and not self._stopping.is_set():
                self._say(self._load(*share))
        except (StoreUnavailable, StoreBusy) as error:
            self._say(error)
        except BaseException:  # noqa: BLE001 - nothing may end a lane unheard
            # A defect: were only the thread to end, its lines would be waited for in vain.
            traceback.print_exc()
            os._exit(1)

    def _load(self, number: int, lines: Sequence[Line]) -> Told:
        answers = [self._load_line(line) for line in lines if not self._stopping.is_set()]
        refused = tuple(each for each in answers if each)
        return number, len(answers) - len(refused), refused

    def _load_line(self, line: Line) -> Refused | None:
        """A line may be loaded twice: the second time makes it the same profile."""
        for pause in self._pauses:
            try:
                return self._loader.load(line)
            except StoreNotPrepared:
                raise
            except StoreUnavailable:
                self._stopping.wait(pause)
        return self._loader.load(line)

    def _say(self, told: Told) -> None:
        with self._telling:
            if not self._stopping.is_set():
                self._tell(told)

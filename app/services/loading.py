"""Loading many profiles out of lines of JSON, and going on after an interruption."""

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice

from app.dao.values import ProfileKey
from app.services.customer_ids import derived_id
from app.services.definitions import Definitions, Revision
from app.services.errors import ProfileMerged, ProfileTooLarge, UniqueKeyTaken
from app.services.profiles import ProfileService
from schemas.document import parse
from schemas.faults import Fault, Invalid
from schemas.profile import ProfileContent

CHUNK_LINES = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the input; ``number`` counts from 1, ``end`` is the byte behind it."""

    number: int
    text: bytes
    end: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not loaded, and why."""

    line: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines that are done: up to which line and byte, how many loaded, which refused."""

    lines: int
    end: int
    loaded: int
    refused: tuple[Refused, ...]


class Loader:
    """Puts one profile per line into a tenant, whether it was there before or not.

    A line without a ``customer_id`` gets one that follows from its place and its text, so
    loading the same file again makes no second profile. Of several lines of one profile, the
    last one wins.
    """

    def __init__(
        self, service: ProfileService, definitions: Definitions, tenant: int, max_line: int
    ) -> None:
        """``max_line``: how long a line may be, in bytes."""
        self._service = service
        self._definitions = definitions
        self._tenant = tenant
        self._max_line = max_line

    def load(self, lines: Iterable[Line], threads: int) -> Iterator[Chunk]:
        """Load all lines, several at a time; yields after each chunk that is stored whole.

        :raises StoreUnavailable: in between; chunks that were yielded are stored.
        :raises StoreBusy: likewise, when others write the same profiles.
        """
        remaining = iter(lines)
        with ThreadPoolExecutor(threads) as pool:
            while chunk := list(islice(remaining, CHUNK_LINES)):
                yield self._definitions.run(self._tenant, partial(self._chunk, chunk, pool))

    def _chunk(self, chunk: list[Line], pool: ThreadPoolExecutor, revision: Revision) -> Chunk:
        filled = [line for line in chunk if line.text.strip()]
        checked = [self._check(line, revision) for line in filled]
        good = [each for each in checked if isinstance(each, _Checked)]
        store = partial(self._store, revision)
        stored = chain.from_iterable(pool.map(store, _by_profile(good)))
        faulty = [each for each in (*checked, *stored) if isinstance(each, Refused)]
        refused = tuple(sorted(faulty, key=lambda each: each.line))
        return Chunk(chunk[-1].number, chunk[-1].end, len(filled) - len(refused), refused)

    def _check(self, line: Line, revision: Revision) -> "_Checked | Refused":
        if len(line.text) > self._max_line:
            return _refused(line, f"is longer than {self._max_line} bytes")
        try:
            content = revision.schema.load(parse(line.text))
        except Invalid as error:
            return Refused(line.number, error.faults)
        return _Checked(line, content.customer_id or id_of(line), content)

    def _store(self, revision: Revision, lines: list["_Checked"]) -> list[Refused]:
        """Put the lines of one profile, one after the other."""
        refused = []
        for each in lines:
            try:
                key = ProfileKey(self._tenant, each.customer_id)
                self._service.load(key, each.content, revision)
            except ProfileTooLarge:
                refused.append(_refused(each.line, "is larger than a profile may be"))
            except ProfileMerged as error:
                refused.append(_refused(each.line, f"was merged into {error.survivor}"))
            except UniqueKeyTaken as error:
                told = f"another profile has its values of the unique key {error.key}"
                refused.append(_refused(each.line, told))
        return refused


@dataclass(frozen=True, slots=True)
class _Checked:
    """A line that fits the definition."""

    line: Line
    customer_id: str
    content: ProfileContent


def _by_profile(lines: list[_Checked]) -> Iterable[list[_Checked]]:
    groups: dict[str, list[_Checked]] = {}
    for each in lines:
        groups.setdefault(each.customer_id, []).append(each)
    return groups.values()


def _refused(line: Line, why: str) -> Refused:
    return Refused(line.number, (Fault("", why),))


def id_of(line: Line) -> str:
    """The id of a line that gives none: equal lines at equal places get equal ids."""
    return derived_id(hashlib.sha256(b"%d:%s" % (line.number, line.text.strip())).digest())

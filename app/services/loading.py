"""Loading many profiles out of lines of JSON, and going on after an interruption."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from app.dao.base import ProfileKey
from app.services.profiles import ID_CHARACTERS, ID_LENGTH, ProfileService
from schemas.document import parse
from schemas.faults import Fault, Invalid
from schemas.profile import ProfileSchema

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
    """Lines that are done: up to which line and byte, and which of them were refused."""

    lines: int
    end: int
    refused: tuple[Refused, ...]


class Loader:
    """Puts one profile per line into a tenant, whether it was there before or not.

    A line without a ``customer_id`` gets one that follows from its place and its text, so
    loading the same file again makes no second profile.
    """

    def __init__(
        self, service: ProfileService, schema: ProfileSchema, tenant: int, max_line: int
    ) -> None:
        """``max_line``: how long a line may be, in bytes."""
        self._service = service
        self._schema = schema
        self._tenant = tenant
        self._max_line = max_line

    def load(self, lines: Iterable[Line], threads: int) -> Iterator[Chunk]:
        """Load all lines, several at a time; yields after each chunk that is stored whole.

        :raises StoreUnavailable: in between; chunks that were yielded are stored.
        """
        remaining = iter(lines)
        with ThreadPoolExecutor(threads) as pool:
            while chunk := list(islice(remaining, CHUNK_LINES)):
                refused = tuple(filter(None, pool.map(self._load_line, chunk)))
                yield Chunk(chunk[-1].number, chunk[-1].end, refused)

    def _load_line(self, line: Line) -> Refused | None:
        if not line.text.strip():
            return None
        if len(line.text) > self._max_line:
            return Refused(line.number, (Fault("", f"is longer than {self._max_line} bytes"),))
        try:
            content = self._schema.load(parse(line.text))
        except Invalid as error:
            return Refused(line.number, error.faults)
        customer_id = content.customer_id or derived_id(line)
        self._service.load(ProfileKey(self._tenant, customer_id), content)
        return None


def derived_id(line: Line) -> str:
    """The id of a line that gives none: equal lines at equal places get equal ids."""
    digest = hashlib.sha256(b"%d:%s" % (line.number, line.text.strip())).digest()
    number = int.from_bytes(digest)
    characters: Callable[[int], str] = ID_CHARACTERS.__getitem__
    base = len(ID_CHARACTERS)
    return "".join(characters(number // base**place % base) for place in range(ID_LENGTH))

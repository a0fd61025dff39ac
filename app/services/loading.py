"""Loading profiles out of lines of JSON."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from app.dao.values import ProfileKey
from app.services.customer_ids import derived_id
from app.services.definitions import Definitions, Revision
from app.services.errors import ProfileMerged, ProfileTooLarge, UniqueKeyTaken
from app.services.profiles import ProfileService
from schemas.definition import CUSTOMER_ID
from schemas.document import parse
from schemas.faults import Fault, Invalid


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the input; ``number`` counts from 1, ``end`` is the byte behind it.

    ``text`` is its beginning where it is too long to be loaded.
    """

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
    loading the same file again makes no second profile.
    """

    def __init__(
        self, service: ProfileService, definitions: Definitions, tenant: int, max_line: int
    ) -> None:
        """``max_line``: how long a line may be, in bytes."""
        self._service = service
        self._definitions = definitions
        self._tenant = tenant
        self._max_line = max_line

    def prepare(self) -> None:
        """Ask the store once, before several threads do: each would wait for its connection.

        :raises StoreUnavailable: it does not answer.
        """
        self._definitions.current(self._tenant)

    def load(self, line: Line) -> Refused | None:
        """Store the profile of ``line``, which is not blank, or tell why not.

        :raises StoreUnavailable: it may be stored.
        :raises StoreBusy: others write the same profile.
        """
        if self._is_too_long(line):
            return _refused(line, f"is longer than {self._max_line} bytes")
        return self._definitions.run(self._tenant, partial(self._load, line))

    def customer_id(self, line: Line) -> str:
        """The id that ``line`` is loaded under, if it is not refused."""
        if not self._is_too_long(line):
            with suppress(Invalid):
                value = parse(line.text)
                named = value.get(CUSTOMER_ID) if isinstance(value, dict) else None
                if isinstance(named, str):
                    return named
        return id_of(line)

    def is_blank(self, line: Line) -> bool:
        """Whether ``line`` has nothing; of one that is too long, that is not known."""
        return not line.text.strip() and not self._is_too_long(line)

    def _is_too_long(self, line: Line) -> bool:
        return len(line.text) > self._max_line

    def _load(self, line: Line, revision: Revision) -> Refused | None:
        try:
            content = revision.schema.load(parse(line.text))
            key = ProfileKey(self._tenant, content.customer_id or id_of(line))
            self._service.load(key, content, revision)
        except Invalid as error:
            return Refused(line.number, error.faults)
        except ProfileTooLarge:
            return _refused(line, "is larger than a profile may be")
        except ProfileMerged as error:
            return _refused(line, f"was merged into {error.survivor}")
        except UniqueKeyTaken as error:
            told = f"another profile has its values of the unique key {error.key}"
            return _refused(line, told)
        return None


def _refused(line: Line, why: str) -> Refused:
    return Refused(line.number, (Fault("", why),))


def id_of(line: Line) -> str:
    """The id of a line that gives none: equal lines at equal places get equal ids."""
    return derived_id(hashlib.sha256(b"%d:%s" % (line.number, line.text.strip())).digest())

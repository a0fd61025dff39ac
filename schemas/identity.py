"""What profiles are found by: the entries of a profile, and the look-up of given values."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import product
from math import prod
from typing import Any, NamedTuple

from schemas.choice import KeyIncomplete, NoKey, UnknownKey, choose
from schemas.criteria import Criteria, WrongCriteria, read_criteria
from schemas.definition import PROFILE, Definition, IdentificationKey, Match
from schemas.document import dump
from schemas.forms import Forms, listed

__all__ = [
    "MAX_COMBINATIONS",
    "MAX_ENTRIES",
    "Criteria",
    "Entry",
    "IdentitySchema",
    "KeyIncomplete",
    "NoKey",
    "TooManyCombinations",
    "TooManyEntries",
    "UnknownKey",
    "WrongCriteria",
]

MAX_ENTRIES = 5000
MAX_COMBINATIONS = 100
_DIGEST_BYTES = 16

_Part = tuple[tuple[str, ...], ...]


class TooManyEntries(Exception):
    """A part of a profile has more than `MAX_ENTRIES` of them."""


class TooManyCombinations(Exception):
    """The given values can be combined in more than `MAX_COMBINATIONS` ways."""


class Entry(NamedTuple):
    """One value of a leading part of a key, by its stored name.

    ``value`` is a digest of 16 bytes, so that no personal data is in it as text. An entry
    that is ``claimed``, the whole value of a unique key, belongs to one profile at most.
    """

    key: str
    value: bytes
    claimed: bool


class IdentitySchema:
    """The identification keys of one definition. Made once per revision, shared by threads."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._forms = Forms(definition)
        sources = {key.source for key in definition.keys}
        self._keys = {source: tuple(definition.keys_of(source)) for source in sources}

    def core_entries(self, attributes: Mapping[str, Any]) -> frozenset[Entry]:
        """The entries of stored core attributes.

        :raises TooManyEntries: there are more than `MAX_ENTRIES`.
        """
        return self._entries(PROFILE, [attributes])

    def record_entries(self, extension: str, records: Any) -> frozenset[Entry]:
        """The entries of the stored records of an extension: an object, an array or None.

        :raises TooManyEntries: there are more than `MAX_ENTRIES`.
        """
        return self._entries(extension, listed(records))

    def criteria(self, given: Iterable[tuple[str, str]], *, concealing: bool = False) -> Criteria:
        """As `read_criteria` reads it, under this definition.

        :raises WrongCriteria: as `read_criteria` does.
        """
        return read_criteria(self._forms, given, concealing=concealing)

    def choose(self, criteria: Criteria, key: str | None = None) -> IdentificationKey:
        """The key called ``key``, else the one that fits best; raises as `choose` does."""
        return choose(self._definition, criteria, key)

    def lookup(self, key: IdentificationKey, criteria: Criteria) -> list[bytes]:
        """The values of entries to look for: all combinations over the leading attributes.

        :raises TooManyCombinations: there are more than `MAX_COMBINATIONS`.
        """
        leading = [_folded(key, texts) for texts in criteria.leading(key)]
        if prod(map(len, leading)) > MAX_COMBINATIONS:
            raise TooManyCombinations
        return [_digest(texts) for texts in product(*leading)]

    def matches(
        self,
        key: IdentificationKey,
        criteria: Criteria,
        attributes: Mapping[str, Any],
        records: Mapping[str, Any],
    ) -> bool:
        """Whether a stored profile fulfils all of ``criteria``, not only what ``key`` covers.

        Of each extension one record fulfils them all. The attributes of ``key`` compare as
        it does, others exactly. ``records`` has at least those of ``criteria.extensions``.
        """
        held = {**records, PROFILE: attributes}
        return all(
            any(self._fulfils(key, source, given, each) for each in listed(held.get(source)))
            for source, given in criteria.values.items()
        )

    def _fulfils(
        self,
        key: IdentificationKey,
        source: str,
        given: Mapping[str, tuple[str, ...]],
        values: Mapping[str, Any],
    ) -> bool:
        keyed = key.attributes if source == key.source else ()
        for name, texts in given.items():
            held = self._forms.texts(source, name, values)
            pair = [_folded(key, each) if name in keyed else each for each in (held, texts)]
            if set(pair[0]).isdisjoint(pair[1]):
                return False
        return True

    def _entries(self, source: str, rows: list[Mapping[str, Any]]) -> frozenset[Entry]:
        entries: set[Entry] = set()
        count = 0
        for key in self._keys.get(source, ()):
            for part in {part for row in rows for part in self._leading_parts(key, row)}:
                # Counted before they are made: a few values of many attributes make millions.
                count += prod(map(len, part))
                if count > MAX_ENTRIES:
                    raise TooManyEntries
                entries.update(_entries_of(key, part))
        return frozenset(entries)

    def _leading_parts(self, key: IdentificationKey, row: Mapping[str, Any]) -> Iterator[_Part]:
        part: _Part = ()
        for name in key.attributes:
            texts = self._forms.texts(key.source, name, row)
            if not texts:
                return
            part = (*part, _folded(key, texts))
            yield part


def _entries_of(key: IdentificationKey, part: _Part) -> list[Entry]:
    name, claimed = key.stored_as, key.unique and len(part) == len(key.attributes)
    return [Entry(name, _digest(texts), claimed) for texts in product(*part)]


def _digest(texts: tuple[str, ...]) -> bytes:
    return blake2b(dump(texts), digest_size=_DIGEST_BYTES).digest()


def _folded(key: IdentificationKey, texts: tuple[str, ...]) -> tuple[str, ...]:
    if key.match is Match.EXACT:
        return texts
    return tuple(sorted({text.casefold() for text in texts}))

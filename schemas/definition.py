"""What a profile holds and is found by, as plain immutable values."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

CUSTOMER_ID = "customer_id"
PROFILE = "profile"


class Shape(StrEnum):
    """How many records of an extension a profile holds, and whether they have attributes."""

    SINGLE = "single-valued"
    MULTI = "multi-valued"
    CLASSIFIER = "classifier"


class Match(StrEnum):
    """How the values of a key are compared; casefold is that of Unicode (str.casefold)."""

    EXACT = "exact"
    CASEFOLD = "casefold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute; ``type`` is a name in `schemas.attributes.TYPES`.

    ``default`` fills it where a body leaves it out, ``length`` limits a string in
    characters, ``multi_valued`` allows an array of values beside a single one. A string
    with ``normalize`` ("phone") is found by any spelling of the number; ``region`` (ISO 3166,
    two capital letters) is the country of numbers without a country code.
    """

    name: str
    type: str
    default: Any = None
    length: int | None = None
    mandatory: bool = False
    multi_valued: bool = False
    sensitive: bool = False
    normalize: str | None = None
    region: str | None = None
    description: str = ""

    @property
    def required(self) -> bool:
        """Whether a body without it is refused: a default takes the place of a mandatory one."""
        return self.mandatory and self.default is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A named group of records; the values of ``unique`` together tell records apart.

    ``stored_name`` is the name that its stored records have, "" for its own. An extension
    is ``reduced`` once an attribute was taken away: stored records may hold more.
    """

    name: str
    type: Shape
    attributes: tuple[Attribute, ...] = ()
    unique: tuple[str, ...] = ()
    description: str = ""
    stored_name: str = ""
    reduced: bool = False

    @property
    def stored_as(self) -> str:
        """The name under which its records are stored."""
        return self.stored_name or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentificationKey:
    """What profiles are found by: ``attributes`` of ``source``, in this order.

    ``source`` is `PROFILE` or the name of an extension. A ``unique`` key has at most one
    profile per value. ``build`` is the id of the job that fills it, "" once complete.
    """

    name: str
    source: str = PROFILE
    attributes: tuple[str, ...]
    unique: bool = False
    match: Match = Match.EXACT
    description: str = ""
    stored_name: str = ""
    build: str = ""

    @property
    def stored_as(self) -> str:
        """The name under which its entries are stored."""
        return self.stored_name or self.name

    @property
    def parameters(self) -> tuple[str, ...]:
        """Its attributes as they are called in a query."""
        prefix = "" if self.source == PROFILE else f"{self.source}."
        return tuple(prefix + name for name in self.attributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """All that a profile may hold, in the order in which it is listed and answered.

    ``keys`` are in order of creation. ``reduced`` as for an extension.
    """

    attributes: tuple[Attribute, ...]
    extensions: tuple[Extension, ...] = ()
    keys: tuple[IdentificationKey, ...] = ()
    reduced: bool = False

    def extension(self, name: str) -> Extension | None:
        """The extension called ``name``, without regard to case."""
        return next((one for one in self.extensions if one.name.lower() == name.lower()), None)

    def key(self, name: str) -> IdentificationKey | None:
        """The identification key called ``name``, without regard to case."""
        return next((one for one in self.keys if one.name.lower() == name.lower()), None)

    def source_attributes(self, source: str) -> tuple[Attribute, ...]:
        """What a key with this ``source`` can be made of; none where there is no such source."""
        if source == PROFILE:
            return self.attributes
        extension = self.extension(source)
        return extension.attributes if extension else ()

    def keys_of(self, source: str) -> Iterator[IdentificationKey]:
        """The keys made of attributes of ``source``, spelled as in the keys."""
        return (key for key in self.keys if key.source == source)

"""What a profile holds: attributes and extensions, as plain immutable values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

CUSTOMER_ID = "customer_id"


class Shape(StrEnum):
    """How many records of an extension a profile holds, and whether they have attributes."""

    SINGLE = "single-valued"
    MULTI = "multi-valued"
    CLASSIFIER = "classifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute; ``type`` is a name in `schemas.attributes.TYPES`.

    ``default`` fills it where a body leaves it out, ``length`` limits a string in
    characters, ``multi_valued`` allows an array of values beside a single one.
    """

    name: str
    type: str
    default: Any = None
    length: int | None = None
    mandatory: bool = False
    multi_valued: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A named group of records; the values of ``unique`` together tell records apart."""

    name: str
    type: Shape
    attributes: tuple[Attribute, ...] = ()
    unique: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """All that a profile may hold, in the order in which it is listed and answered."""

    attributes: tuple[Attribute, ...]
    extensions: tuple[Extension, ...] = ()

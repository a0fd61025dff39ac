"""What the service says when a run is over: every profile with all its versions, and identify."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Content = dict[str, Any]
Value = tuple[str, str]


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A past row. ``tag`` is the entity tag of the version; ``marker`` the reason that the row
    tells, "" for a step of a merge. ``parts`` are those that the change wrote: ``attributes``,
    ``extensions``, and the names of those ``removed``."""

    number: int
    tag: str
    operation: str
    marker: str
    parts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldProfile:
    """A profile that the store knows, in whatever state.

    ``number`` and ``tag`` are those of the stored version; ``versions`` are all past rows, of
    all its lives. ``current`` is what a query of the id answers, None for 404, and ``answered``
    the tag with it. ``earlier`` is what queries of earlier versions answered, by number.
    """

    state: str
    number: int
    tag: str
    versions: tuple[StoredVersion, ...]
    current: Content | None
    answered: str = ""
    earlier: Mapping[int, Content] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Identify asked for any of ``values``, and the ids that it answered."""

    values: frozenset[Value]
    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Told:
    """All of it, profiles by id."""

    profiles: Mapping[str, ToldProfile]
    found: tuple[Found, ...]


def values_of(content: Content | None) -> frozenset[Value]:
    """What a profile of this content must be found by, as far as this check goes."""
    if content is None:
        return frozenset()
    emails = content.get("EmailAddress", [])
    phones = [record["PhoneNumber"] for record in content.get("Phone", [])]
    return frozenset(
        [("EmailAddress", each) for each in emails]
        + [("Phone.PhoneNumber", each) for each in phones]
    )

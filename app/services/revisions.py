"""What a profile was like at an older version, out of its past rows.

A past row tells the parts that its change wrote and removed; every other part stayed. So a
part is now what it was then if no row in between tells of it, else it is what the last row
before tells. Rows have a time to live: where one is missing, nothing can be said across the
gap.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import count, islice

from app.services.errors import VersionExpired, VersionNotFound
from schemas.document import dump, parse

ATTRIBUTES = ""
"""The name of the part that is no extension: the core attributes."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A profile at the version ``number``: JSON texts by part, `ATTRIBUTES` or an extension."""

    number: int
    parts: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class PastRow:
    """What the change to the version ``number`` did to parts, None for one that it removed.

    ``whole``: it removed all parts that it does not name. ``begins``: there was no profile
    before it. ``ends``: it deleted the profile.
    """

    number: int
    parts: Mapping[str, bytes | None] = field(default_factory=dict)
    whole: bool = False
    begins: bool = False
    ends: bool = False

    def told(self, names: Iterable[str]) -> dict[str, bytes | None]:
        """What it says of those of ``names`` that it wrote or removed."""
        held = self.parts
        return {name: held.get(name) for name in names if self.whole or name in held}


def past_row(number: int, operation: str, document: bytes, note: bytes) -> PastRow:
    """The past row of a change; ``document`` is its `Change.past_document`.

    Before the migration 0002_identity there was no note; a change of extensions then named all
    that were left, not those that it removed.
    """
    told = parse(document)
    attributes = {ATTRIBUTES: told["attributes"]} if "attributes" in told else {}
    written = attributes | told.get("extensions", {})
    removed = dict.fromkeys(told.get("removed", ()))
    return PastRow(
        number,
        {name: dump(value) for name, value in written.items()} | removed,
        whole=note == b"{}" and "extensions" in told,
        begins=number == 1 or operation == "create",
        ends=operation == "delete",
    )


def reconstruct(
    current: Snapshot, rows: Iterable[PastRow], number: int, extensions: Iterable[str]
) -> Snapshot:
    """The profile as it was at the version ``number``, with those of ``extensions`` it had.

    ``current`` is the profile as it is now, with these extensions. ``rows`` are its past rows,
    newest first and that of the current version included; no more of them are taken than needed.

    :raises VersionNotFound: there was no such version, or the profile was deleted at or after it.
    :raises VersionExpired: a row that is needed is no longer kept.
    """
    if not 0 < number <= current.number:
        raise VersionNotFound
    names = dict.fromkeys([ATTRIBUTES, *extensions])
    unbroken = _unbroken(rows, current.number)
    changed = _changed(islice(unbroken, current.number - number), names.keys())
    parts = {name: current.parts.get(name) for name in names if name not in changed}
    if number < current.number:
        parts |= _earlier(unbroken, number, changed)
    return Snapshot(number, {name: text for name in names if (text := parts[name]) is not None})


def _changed(rows: Iterable[PastRow], names: Set[str]) -> set[str]:
    """Those of ``names`` that any of ``rows`` tells of."""
    changed: set[str] = set()
    for row in rows:
        if row.begins or row.ends:
            raise VersionNotFound
        changed |= row.told(names).keys()
    return changed


def _earlier(rows: Iterable[PastRow], number: int, names: set[str]) -> dict[str, bytes | None]:
    """What the newest of ``rows`` that tells of it says of each name, None where none can."""
    known: dict[str, bytes | None] = {}
    for row in rows:
        if row.ends and row.number == number:
            raise VersionNotFound
        if not row.ends:
            known = row.told(names) | known
        if row.begins or row.ends:
            known = dict.fromkeys(names) | known
        if known.keys() == names:
            return known
    raise VersionExpired


def _unbroken(rows: Iterable[PastRow], newest: int) -> Iterator[PastRow]:
    """The rows from the version ``newest`` down to the first one that is missing."""
    for number, row in zip(count(newest, -1), rows, strict=False):
        if row.number != number:
            return
        yield row

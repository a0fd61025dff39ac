"""What the operations on extension records do to the records of one extension.

Records are an object for a single-valued extension or a classifier, an array of objects for a
multi-valued one, and None where there are none. What goes in is never changed.
"""

from collections.abc import Callable, Mapping
from typing import Any

from app.services.errors import RecordNotFound
from schemas.definition import Extension, Shape
from schemas.document import dump, parse
from schemas.records import record_identity

Record = dict[str, Any]


def insert(extension: Extension, stored: Any | None, given: Any | None) -> Any | None:
    """``stored`` with the record or records ``given``; null, [] and {} give none.

    A record takes the place of the stored one with the same unique values, else it comes
    last. Of a single-valued extension it takes the place of the record, of a classifier too.
    """
    if given is None or given == [] or (given == {} and extension.type is not Shape.CLASSIFIER):
        return stored
    if extension.type is not Shape.MULTI:
        return given
    records = list(stored or ())
    added = [given] if isinstance(given, dict) else given
    if not extension.unique:
        return records + added
    places = _places(extension, records)
    for record in added:
        place = places.setdefault(record_identity(extension, record), len(records))
        records[place : place + 1] = [record]
    return records


def find(extension: Extension, stored: Any | None, unique: Mapping[str, Any]) -> int | None:
    """The index of the record that has the values of ``unique``, if there is one."""
    if not extension.unique or not isinstance(stored, list):
        return None
    return _places(extension, stored).get(record_identity(extension, unique))


def update(
    extension: Extension,
    stored: Any | None,
    unique: Mapping[str, Any],
    changes: Record,
    check: Callable[[Record], Record],
) -> list[Record]:
    """``stored`` with ``changes`` of the record selected by ``unique``; None removes a value.

    ``check`` gets that record whole, in JSON values, and returns it as it is stored.

    :raises RecordNotFound: there is none.
    """
    place = _found(extension, stored, unique)
    records = list(stored or ())
    changed = records[place] | changes
    left = {name: value for name, value in changed.items() if value is not None}
    # A schema loads what `parse` gives, and a double among the changes is a float already.
    records[place] = check(parse(dump(left)))
    return records


def remove(
    extension: Extension, stored: Any | None, unique: Mapping[str, Any]
) -> list[Record] | None:
    """``stored`` without the record selected by ``unique``, None if that was the last.

    :raises RecordNotFound: there is none.
    """
    place = _found(extension, stored, unique)
    records = list(stored or ())
    del records[place]
    return records or None


def _found(extension: Extension, stored: Any | None, unique: Mapping[str, Any]) -> int:
    place = find(extension, stored, unique)
    if place is None:
        raise RecordNotFound
    return place


def _places(extension: Extension, records: list[Record]) -> dict[tuple[bytes, ...], int]:
    """Where each identity is first; a definition changed by force leaves repeated ones."""
    places: dict[tuple[bytes, ...], int] = {}
    for index, record in enumerate(records):
        places.setdefault(record_identity(extension, record), index)
    return places

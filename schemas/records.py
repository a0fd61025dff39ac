"""The compiled schemas of the records of one extension."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from marshmallow import ValidationError

from schemas.definition import Extension, Shape
from schemas.document import dump
from schemas.fields import (
    attribute_field,
    load_each,
    optional_field,
    required_field,
    take_each,
)
from schemas.objects import Member, MemberField, compile_object

Read = Callable[[Any], dict[str, Any]]
ReadEach = Callable[[list[Any], Read], list[Any]]


def record_identity(extension: Extension, record: Mapping[str, Any]) -> tuple[bytes, ...]:
    """What tells ``record`` apart: the JSON texts of its unique values, null for one it lacks.

    They keep types apart (1, true, "1"), and are the same for a double that comes out of
    a body (a float) and out of a store (a `Number`).
    """
    return tuple(dump(record.get(name)) for name in extension.unique)


class Records(MemberField):
    """All records of one extension; null, [] and {} name it without giving any."""

    def __init__(self, extension: Extension) -> None:
        super().__init__(allow_none=True)
        self.extension = extension
        self.names = frozenset(attribute.name for attribute in extension.attributes)
        self.schema = compile_object(
            (attribute.name, attribute_field(attribute)) for attribute in extension.attributes
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self._read(value, self.schema.load, load_each)

    def taken(self, value: Any) -> Any:
        return None if value is None else self._read(value, self.schema.taken, take_each)

    @abstractmethod
    def _read(self, value: Any, read: Read, read_each: ReadEach) -> Any:
        """The records in ``value``, each of which ``read`` reads, and ``read_each`` several.

        :raises ValidationError: with the faults that these tell.
        """


class _SingleRecord(Records):
    """An object; one whose attributes are all null is none, as it would be when put back."""

    def _read(self, value: Any, read: Read, read_each: ReadEach) -> Any:
        return None if value in ([], {}) else read(value) or None


class _Classifier(Records):
    """Its only record is {}, so {} gives one here; null and [] give none."""

    def _read(self, value: Any, read: Read, read_each: ReadEach) -> Any:
        return None if value == [] else read(value)


class _ManyRecords(Records):
    def _read(self, value: Any, read: Read, read_each: ReadEach) -> Any:
        if isinstance(value, dict):
            value = [value] if value else []
        if not isinstance(value, list):
            raise ValidationError("must be an array of objects")
        return read_each(value, self._told_apart(read) if self.extension.unique else read)

    def _told_apart(self, read: Read) -> Read:
        """As ``read``, for one after the other; refuses one that equals an earlier one."""
        numbers, seen = count(), dict[tuple[bytes, ...], int]()

        def load(value: Any) -> dict[str, Any]:
            index, record = next(numbers), read(value)
            first = seen.setdefault(record_identity(self.extension, record), index)
            if first != index:
                names = ", ".join(self.extension.unique)
                raise ValidationError(f"has the same {names} as record {first}")
            return record

        return load


_SHAPES: dict[Shape, type[Records]] = {
    Shape.SINGLE: _SingleRecord,
    Shape.MULTI: _ManyRecords,
    Shape.CLASSIFIER: _Classifier,
}


def records_field(extension: Extension) -> Records:
    return _SHAPES[extension.type](extension)


class _Unread(MemberField):
    """Any value, kept as it is."""

    def taken(self, value: Any) -> Any:
        return value


class Selection:
    """Bodies that select one record of an extension by its unique attributes.

    ``partial`` loads changes of that record, None for a value to be removed; ``unique`` does
    not look at the other values.
    """

    def __init__(self, extension: Extension) -> None:
        attributes = {attribute.name: attribute for attribute in extension.attributes}
        others = [each for name, each in attributes.items() if name not in extension.unique]
        changed: list[Member] = [(each.name, optional_field(each)) for each in others]
        ignored: list[Member] = [(each.name, _Unread(allow_none=True)) for each in others]
        self.partial = compile_object([*_required(extension), *changed])
        self.unique = compile_object([*_required(extension), *ignored])


def _required(extension: Extension) -> list[Member]:
    return [
        (attribute.name, required_field(attribute))
        for attribute in extension.attributes
        if attribute.name in extension.unique
    ]

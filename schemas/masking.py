"""What of a profile is sensitive, and what is shown in its place."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.attribute_type import AttributeType
from schemas.definition import Attribute, Definition, Shape
from schemas.document import dump, parse
from schemas.fields import attribute_type

_Types = Mapping[str, AttributeType]


class Masking:
    """The sensitive attributes of one definition. Made once per revision, shared by threads.

    It takes and gives JSON texts of stored values; one that can hold nothing sensitive is
    given back as it is, unread.
    """

    def __init__(self, definition: Definition) -> None:
        self._attributes = _sensitive(definition.attributes)
        extensions = definition.extensions
        found = {each.name: _sensitive(each.attributes) for each in extensions}
        self._records = {name: types for name, types in found.items() if types}
        # How many steps of a path lead from the name of an extension to one of its records.
        self._steps = {each.name: int(each.type is Shape.MULTI) for each in extensions}

    def attributes(self, text: bytes) -> bytes:
        """Core attributes, masked."""
        return dump(_masked(self._attributes, parse(text))) if self._attributes else text

    def records(self, extension: str, text: bytes) -> bytes:
        """The records of an extension, an object or an array, masked."""
        types = self._records.get(extension)
        if types is None:
            return text
        records = parse(text)
        if isinstance(records, list):
            return dump([_masked(types, record) for record in records])
        return dump(_masked(types, records))

    def concerns(self, path: Sequence[str]) -> bool:
        """Whether ``path``, steps into a whole profile, leads to what is sensitive.

        Or into it, or to something that it is in.
        """
        if not path:
            return bool(self._attributes or self._records)
        name, *inner = path
        if name in self._attributes:
            return True
        types = self._records.get(name)
        if types is None:
            return False
        within = inner[self._steps[name] :]
        return not within or within[0] in types


def _sensitive(attributes: Iterable[Attribute]) -> _Types:
    return {each.name: attribute_type(each) for each in attributes if each.sensitive}


def _masked(types: _Types, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _shown(types[name], value) if name in types else value
        for name, value in values.items()
    }


def _shown(kind: AttributeType, value: Any) -> Any:
    return list(map(kind.masked, value)) if isinstance(value, list) else kind.masked(value)

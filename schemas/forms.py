"""The look-up forms of a definition's attributes: what stored and given values compare by."""

from collections.abc import Mapping
from typing import Any

from schemas.attribute_type import AttributeType
from schemas.definition import PROFILE, Definition
from schemas.fields import attribute_type
from schemas.spelling import suggestion


class Forms:
    """The types of all attributes, by source (`PROFILE` or an extension) and name.

    A query calls an attribute of an extension ``Extension.Attribute``.
    """

    def __init__(self, definition: Definition) -> None:
        sources = [PROFILE, *(extension.name for extension in definition.extensions)]
        self._types: dict[str, dict[str, AttributeType]] = {
            source: {
                each.name: attribute_type(each) for each in definition.source_attributes(source)
            }
            for source in sources
        }
        self._parameters = {
            name if source == PROFILE else f"{source}.{name}": (source, name)
            for source, types in self._types.items()
            for name in types
        }

    def texts(self, source: str, name: str, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The distinct forms of what is stored under ``name``: several values, one or none."""
        value, canonical = values.get(name), self._types[source][name].canonical
        if isinstance(value, list):
            return tuple(sorted(set(map(canonical, value))))
        return () if value is None else (canonical(value),)

    def read(self, parameter: str, text: str) -> tuple[str, str, str]:
        """The source, the name and the form that a parameter of a query means.

        :raises KeyError: there is no such parameter.
        :raises ValidationError: the text is no value of the attribute, or the mask of one.
        """
        source, name = self._parameters[parameter]
        kind = self._types[source][name]
        kind.refuse_mask(text)
        return source, name, kind.canonical(kind.from_text(text))

    def is_sensitive(self, source: str, name: str) -> bool:
        return self._types[source][name].sensitive

    def suggestion(self, parameter: str, *, guess: bool) -> str:
        return suggestion(parameter, self._parameters, guess=guess)


def listed(value: Any) -> list[Any]:
    """Several values or records, one, or None for none, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]

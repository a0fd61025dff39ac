"""The marshmallow field of an attribute: its type, its limits, and how many values it has."""

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError

from schemas.attribute_type import REQUIRED, AttributeType
from schemas.attributes import TYPES
from schemas.definition import Attribute
from schemas.faults import MAX_FAULTS
from schemas.objects import MemberField

_LIMITS = ("length", "normalize", "region")


class OneOrMany(MemberField):
    """A scalar, or an array whose first element is the primary value; kept as written."""

    default_error_messages = REQUIRED

    def __init__(self, element: AttributeType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.element = element

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, list) and (value or not self.required):
            return load_each(value, self.element.taken)
        return self.taken(value)

    def taken(self, value: Any) -> Any:
        """Refuses at the first fault, where `deserialize` tells all."""
        if not isinstance(value, list):
            return self.element.taken(value)
        if not value and self.required:
            raise self.make_error("required")
        return take_each(value, self.element.taken)


def attribute_field(attribute: Attribute) -> MemberField:
    """The marshmallow field that loads ``attribute``, its default stored as any value is.

    :raises ValidationError: the default is no value of the attribute.
    """
    if attribute.default is None:
        return _field(attribute, required=attribute.required)
    default = _field(attribute).deserialize(attribute.default)
    return _field(attribute, load_default=default)


def optional_field(attribute: Attribute) -> MemberField:
    """As `attribute_field`, for a body that may leave every attribute out; null is kept."""
    return _field(attribute, allow_none=True)


def required_field(attribute: Attribute) -> MemberField:
    """As `attribute_field`, for a body that needs the attribute, whatever its default."""
    return _field(attribute, required=True)


def attribute_type(attribute: Attribute, **presence: Any) -> AttributeType:
    """The type of a single value of ``attribute``, with its limits."""
    names = _LIMITS if attribute.type == "string" else ()
    limits = {name: getattr(attribute, name) for name in names}
    given = {name: limit for name, limit in limits.items() if limit is not None}
    return TYPES[attribute.type](sensitive=attribute.sensitive, **given, **presence)


def _field(attribute: Attribute, **presence: Any) -> MemberField:
    if attribute.multi_valued:
        return OneOrMany(attribute_type(attribute), **presence)
    return attribute_type(attribute, **presence)


def take_each(values: list[Any], take: Callable[[Any], Any]) -> list[Any]:
    """``take`` of every element.

    :raises ValidationError: of the first faulty one.
    """
    return [take(value) for value in values]


def load_each(values: list[Any], load: Callable[[Any], Any]) -> list[Any]:
    """``load`` of every element.

    :raises ValidationError: with the messages of the faulty elements, by index; of more of
        them than are told, so that it is seen that there are more, but not of all.
    """
    loaded, messages = [], {}
    for index, value in enumerate(values):
        try:
            loaded.append(load(value))
        except ValidationError as error:
            messages[index] = error.messages
            if len(messages) > MAX_FAULTS:
                break
    if messages:
        raise ValidationError(messages)
    return loaded

"""The attribute types: one marshmallow field class per type, which knows its rules.

Loading gives the value as it is stored and answered. Nothing is coerced: a value of
another JSON type is refused, never converted.
"""

import datetime as dt
import math
import re
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from marshmallow import ValidationError, fields

from schemas.definition import Attribute
from schemas.document import Number

_FORBIDDEN = re.compile("[\0\ud800-\udfff]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Calendar or week dates, basic or extended; seconds may have a fraction.
_MOMENT = re.compile(
    r"\d{4}(-\d\d-\d\d|\d{4}|-W\d\d-\d|W\d{3})"
    r"T\d\d(:?\d\d(:?\d\d([.,]\d+)?)?)?"
    r"(Z|[+-]\d\d(:?\d\d)?)?",
    re.ASCII,
)
_PLAIN_DECIMAL = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_MAX_CURRENCY_DIGITS = 38
_MINUS_ZERO = Number("-0")
REQUIRED: dict[str, Any] = {"required": "is mandatory"}


class AttributeType(fields.Field[Any]):
    """A single value of one type. ``type_name`` is what definitions call it."""

    type_name: ClassVar[str]
    default_error_messages = REQUIRED

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.stored(value)

    @abstractmethod
    def stored(self, value: Any) -> Any:
        """``value`` as it is stored and answered.

        :raises ValidationError: it is none of this type.
        """


class String(AttributeType):
    """Text of any length, or of at most ``length`` characters (code points)."""

    type_name = "string"

    def __init__(self, *, length: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.length = length

    def stored(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("must be a string")
        if _FORBIDDEN.search(value):
            raise ValidationError("must not hold U+0000 or a lone surrogate")
        if self.length is not None and len(value) > self.length:
            raise ValidationError(f"must have at most {self.length} characters")
        return value


class Integer(AttributeType):
    """A whole number of 32 bits, signed."""

    type_name = "integer"
    bits: ClassVar[int] = 32

    def stored(self, value: Any) -> int:
        value = 0 if value == _MINUS_ZERO else value
        limit = 1 << (self.bits - 1)
        if isinstance(value, bool) or not isinstance(value, int) or not -limit <= value < limit:
            raise ValidationError(f"must be a whole number of {self.bits} bits")
        return value


class Long(Integer):
    """A whole number of 64 bits, signed."""

    type_name = "long"
    bits = 64


class Double(AttributeType):
    """A binary float of 64 bits (IEEE 754); a whole number must fit into it exactly."""

    type_name = "double"

    def stored(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | Number):
            raise ValidationError("must be a number")
        text = value.text if isinstance(value, Number) else str(value)
        number = float(text)
        if not math.isfinite(number):
            raise ValidationError("is out of the range of a 64 bit float")
        if text.removeprefix("-").isdigit() and int(number) != int(text):
            raise ValidationError("is not exact as a 64 bit float")
        return number


class Boolean(AttributeType):
    """``true`` or ``false``."""

    type_name = "boolean"

    def stored(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("must be true or false")
        return value


class Date(AttributeType):
    """A calendar day, ``YYYY-MM-DD``."""

    type_name = "date"

    def stored(self, value: Any) -> str:
        try:
            if isinstance(value, str) and _DATE.fullmatch(value):
                dt.date.fromisoformat(value)
                return value
        except ValueError:
            pass
        raise ValidationError("must be a date, YYYY-MM-DD")


class DateTime(AttributeType):
    """A moment, ISO 8601 with any offset (none: UTC); kept in UTC to the millisecond."""

    type_name = "datetime"

    def stored(self, value: Any) -> str:
        try:
            if isinstance(value, str) and _MOMENT.fullmatch(value):
                return self._utc(dt.datetime.fromisoformat(value))
        except (ValueError, OverflowError):
            pass
        raise ValidationError("must be a date and time, YYYY-MM-DDTHH:MM:SS.sssZ")

    @staticmethod
    def _utc(moment: dt.datetime) -> str:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        text = moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")
        return text.removesuffix("+00:00") + "Z"


class Currency(AttributeType):
    """An exact decimal, kept as written: a JSON number, or the same digits as a string."""

    type_name = "currency"

    def stored(self, value: Any) -> int | str | Number:
        if isinstance(value, int | str | Number) and not isinstance(value, bool):
            text = value.text if isinstance(value, Number) else str(value)
            digits = sum(map(str.isdigit, text))
            if _PLAIN_DECIMAL.fullmatch(text) and digits <= _MAX_CURRENCY_DIGITS:
                return value
        raise ValidationError(
            f"must be a decimal without exponent, of at most {_MAX_CURRENCY_DIGITS} digits"
        )


TYPES: dict[str, type[AttributeType]] = {
    kind.type_name: kind
    for kind in (String, Integer, Long, Double, Boolean, Date, DateTime, Currency)
}


class OneOrMany(fields.Field[Any]):
    """A scalar, or an array whose first element is the primary value; kept as written."""

    default_error_messages = REQUIRED

    def __init__(self, element: AttributeType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.element = element

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            return self.element.stored(value)
        if not value and self.required:
            raise self.make_error("required")
        return load_each(value, self.element.stored)


def attribute_field(attribute: Attribute) -> fields.Field[Any]:
    """The marshmallow field that loads ``attribute``, its default stored as any value is.

    :raises ValidationError: the default is no value of the attribute.
    """
    if attribute.default is None:
        return _field(attribute, required=attribute.mandatory)
    default = _field(attribute).deserialize(attribute.default)
    return _field(attribute, load_default=default)


def _field(attribute: Attribute, **presence: Any) -> fields.Field[Any]:
    limits: dict[str, Any] = {} if attribute.length is None else {"length": attribute.length}
    if attribute.multi_valued:
        return OneOrMany(TYPES[attribute.type](**limits), **presence)
    return TYPES[attribute.type](**limits, **presence)


def load_each(values: list[Any], load: Callable[[Any], Any]) -> list[Any]:
    """``load`` of every element.

    :raises ValidationError: with the messages of all faulty elements, by index.
    """
    loaded, messages = [], {}
    for index, value in enumerate(values):
        try:
            loaded.append(load(value))
        except ValidationError as error:
            messages[index] = error.messages
    if messages:
        raise ValidationError(messages)
    return loaded

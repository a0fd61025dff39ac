"""The attribute types: one marshmallow field class per type, which knows its rules.

Loading gives the value as it is stored and answered. Nothing is coerced: a value of
another JSON type is refused, never converted. What is stored is taken again, unchanged.
"""

import datetime as dt
import math
import re
from typing import Any, ClassVar

from marshmallow import ValidationError

from schemas.attribute_type import MASK, AttributeType, check_text
from schemas.document import Number, json_number
from schemas.phone import canonical_phone

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Calendar or week dates, basic or extended; seconds may have a fraction.
_MOMENT = re.compile(
    r"\d{4}(-\d\d-\d\d|\d{4}|-W\d\d-\d|W\d{3})"
    r"T(?:[01]\d|2[0-3])(:?\d\d(:?\d\d([.,]\d+)?)?)?"
    r"(Z|[+-](?:[01]\d|2[0-3])(:?[0-5]\d)?)?",
    re.ASCII,
)
_DECIMAL = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
_PLAIN_DECIMAL = re.compile(_DECIMAL.strip("^$"))
_MAX_CURRENCY_DIGITS = 38
_MINUS_ZERO = Number("-0")
_SHOWN_CHARACTERS = 4
_LEAST_FOR_SHOWING = 8


class String(AttributeType):
    """Text of any length, or of at most ``length`` characters (code points).

    With ``normalize`` it is a telephone number, in ``region`` where it has no country code.
    """

    type_name = "string"
    example = "text"

    def __init__(
        self,
        *,
        length: int | None = None,
        normalize: str | None = None,
        region: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.length = length
        self.normalize = normalize
        self.region = region

    def stored(self, value: Any) -> str:
        check_text(value)
        if self.length is not None and len(value) > self.length:
            raise ValidationError(f"must have at most {self.length} characters")
        return str(value)

    def from_text(self, text: str) -> str:
        """Of any length: a number may be stored in a shorter spelling."""
        check_text(text)
        return text

    def canonical(self, value: Any) -> str:
        text = super().canonical(value)
        return canonical_phone(text, self.region) if self.normalize else text

    def masked(self, value: Any) -> str:
        """With its last characters, where they are at most half of it."""
        if not isinstance(value, str) or len(value) < _LEAST_FOR_SHOWING:
            return MASK
        return MASK + value[-_SHOWN_CHARACTERS:]

    def form(self) -> dict[str, Any]:
        limit = {} if self.length is None else {"maxLength": self.length}
        return {"type": "string", **limit}

    def text_form(self) -> dict[str, Any]:
        return {"type": "string"}


class Integer(AttributeType):
    """A whole number of 32 bits, signed."""

    type_name = "integer"
    example = 1
    bits: ClassVar[int] = 32

    def stored(self, value: Any) -> int:
        value = 0 if isinstance(value, Number) and value == _MINUS_ZERO else value
        limit = 1 << (self.bits - 1)
        if isinstance(value, bool) or not isinstance(value, int) or not -limit <= value < limit:
            raise ValidationError(f"must be a whole number of {self.bits} bits")
        return value

    def from_text(self, text: str) -> int:
        return self.stored(json_number(text))

    def form(self) -> dict[str, Any]:
        limit = 1 << (self.bits - 1)
        bounds = {"minimum": -limit, "maximum": limit - 1}
        return {"type": "integer", "format": f"int{self.bits}", **bounds}


class Long(Integer):
    """A whole number of 64 bits, signed."""

    type_name = "long"
    bits = 64


class Double(AttributeType):
    """A binary float of 64 bits (IEEE 754); a whole number must fit into it exactly."""

    type_name = "double"
    example = 0.5

    def stored(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | Number):
            raise ValidationError("must be a number")
        text = value.text if isinstance(value, Number) else str(value)
        number = float(text)
        if not math.isfinite(number):
            raise ValidationError("is out of the range of a 64 bit float")
        if text.removeprefix("-").isdigit() and int(number) != int(text):
            raise ValidationError("is not exact as a 64 bit float")
        return number

    def from_text(self, text: str) -> float:
        return self.stored(json_number(text))

    def canonical(self, value: Any) -> str:
        text = super().canonical(value)
        try:
            # Adding zero makes the two zeros one.
            return repr(float(text) + 0.0)
        except ValueError:
            return text

    def form(self) -> dict[str, Any]:
        return {"type": "number", "format": "double"}


class Boolean(AttributeType):
    """``true`` or ``false``."""

    type_name = "boolean"
    example = True

    def stored(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("must be true or false")
        return value

    def from_text(self, text: str) -> bool:
        return self.stored({"true": True, "false": False}.get(text))

    def form(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Date(AttributeType):
    """A calendar day, ``YYYY-MM-DD``."""

    type_name = "date"
    example = "2024-02-29"

    def stored(self, value: Any) -> str:
        try:
            if isinstance(value, str) and _DATE.fullmatch(value):
                dt.date.fromisoformat(value)
                return value
        except ValueError:
            pass
        raise ValidationError("must be a date, YYYY-MM-DD")

    def masked(self, value: Any) -> str:
        return f"{MASK}-{MASK[:2]}-{MASK[:2]}"

    def form(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class DateTime(AttributeType):
    """A moment, ISO 8601 with any offset (none: UTC); kept in UTC to the millisecond."""

    type_name = "datetime"
    example = "2024-02-29T12:30:00.000Z"

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

    def form(self) -> dict[str, Any]:
        """That of RFC 3339, which every client has; `stored` takes more of ISO 8601."""
        return {"type": "string", "format": "date-time"}


class Currency(AttributeType):
    """An exact decimal, kept as written: a JSON number, or the same digits as a string."""

    type_name = "currency"
    example = "19.90"

    def stored(self, value: Any) -> int | str | Number:
        if isinstance(value, int | str | Number) and not isinstance(value, bool):
            text = value.text if isinstance(value, Number) else str(value)
            digits = sum(map(str.isdigit, text))
            if _PLAIN_DECIMAL.fullmatch(text) and digits <= _MAX_CURRENCY_DIGITS:
                return value
        raise ValidationError(
            f"must be a decimal without exponent, of at most {_MAX_CURRENCY_DIGITS} digits"
        )

    def canonical(self, value: Any) -> str:
        text = super().canonical(value)
        if not _PLAIN_DECIMAL.fullmatch(text):
            return text
        shortest = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if shortest == "-0" else shortest

    def form(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, self.text_form()]}

    def text_form(self) -> dict[str, Any]:
        # Beside the digits, a sign and a point.
        return {"type": "string", "pattern": _DECIMAL, "maxLength": _MAX_CURRENCY_DIGITS + 2}


TYPES: dict[str, type[AttributeType]] = {
    kind.type_name: kind
    for kind in (String, Integer, Long, Double, Boolean, Date, DateTime, Currency)
}

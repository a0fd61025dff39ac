"""What the members of a definition may be: texts, words, flags, lists."""

import re
from functools import partial
from typing import Any

from marshmallow import ValidationError, fields, validate

from schemas.attribute_type import NO_STRING, check_text
from schemas.fields import load_each
from schemas.phone import REGIONS

NAME_PATTERN = "^[A-Za-z][A-Za-z0-9_]{0,25}$"
_NAME = re.compile(NAME_PATTERN)
_DIGITS = re.compile("[1-9][0-9]{0,8}")


class Text(fields.String):
    default_error_messages = {
        "required": "is mandatory",
        "null": NO_STRING,
        "invalid": NO_STRING,
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        check_text(text)
        return text


class Name(Text):
    """What an attribute, an extension or a key may be called."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        if not _NAME.fullmatch(name):
            raise ValidationError(
                "must be a letter, then letters, digits or _, at most 26 characters"
            )
        return name


class Choice(Text):
    """One of the words, in any case."""

    def __init__(self, words: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        word = super()._deserialize(value, attr, data, **kwargs).lower()
        if word not in self.words:
            raise ValidationError(f"must be one of {', '.join(self.words)}")
        return word


class Region(Text):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        region = super()._deserialize(value, attr, data, **kwargs)
        if region not in REGIONS:
            raise ValidationError("must be the two capital letters of a country (ISO 3166)")
        return region


class Flag(fields.Field[bool]):
    """true or false; the documented API also sends them as strings."""

    default_error_messages = {"null": "must be true or false"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value is True or value == "true":
            return True
        if value is False or value == "false":
            return False
        raise self.make_error("null")


class Length(fields.Integer):
    """A whole number, at least 1; the documented API also sends it as a string."""

    default_error_messages = {"invalid": "must be a whole number"}

    def __init__(self) -> None:
        at_least_one = validate.Range(min=1, error="must be at least 1")
        super().__init__(strict=True, allow_none=True, validate=at_least_one)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value
        return super()._deserialize(number, attr, data, **kwargs)


class Sequence(fields.List[Any]):
    default_error_messages = {
        "required": "is mandatory",
        "null": "must be a list",
        "invalid": "must be a list",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return load_each(value, partial(self.inner.deserialize, **kwargs))

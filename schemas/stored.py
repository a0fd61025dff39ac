"""What a store may hold under a definition, whatever was changed by force before.

It is less than what a body has to be: a value that was stored may be longer than it may be
now, or one of several, and a mandatory one may be missing. What never changes is its type,
other than to one that takes the same values (see `schemas.evolution`).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from marshmallow import ValidationError

from schemas.attribute_type import check_text
from schemas.definition import CUSTOMER_ID, Attribute, Definition, Extension, Shape
from schemas.document import JSON_NUMBER, Number
from schemas.faults import Fault, pointer
from schemas.fields import attribute_type

Check = Callable[[Any], object]

_WORD = re.compile(r"[A-Za-z0-9_]{1,64}")


class StoredContent:
    """The rules of one definition for what is stored."""

    def __init__(self, definition: Definition) -> None:
        self._attributes = _checks(definition.attributes, reduced=definition.reduced)
        self._extensions = {each.stored_as: _Rules(each) for each in definition.extensions}

    def attribute_faults(self, base: str, value: Any) -> Iterator[Fault]:
        """What is wrong with core attributes at ``base``."""
        return _object_faults(base, value, self._attributes)

    def record_faults(self, base: str, value: Any, *, past: bool = False) -> Iterator[Fault]:
        """What is wrong with the records at ``base``, by the names that they are stored under.

        ``past``: some may be of an extension that was removed since.
        """
        if not isinstance(value, dict):
            yield Fault(base, "must be an object")
            return
        for name, records in value.items():
            here = base + pointer(name)
            if name in self._extensions:
                yield from self._extensions[name].faults(here, records)
            elif past and is_word(name):
                yield from _removed_faults(here, records)
            else:
                yield Fault(here, "is not defined")


def is_word(name: Any) -> bool:
    """Whether parts, keys or jobs may be stored under this name."""
    return isinstance(name, str) and _WORD.fullmatch(name) is not None


class _Rules:
    """Those of one extension."""

    def __init__(self, extension: Extension) -> None:
        self._many = extension.type is Shape.MULTI
        self._checks = _checks(extension.attributes, reduced=extension.reduced)

    def faults(self, base: str, value: Any) -> Iterator[Fault]:
        if not self._many:
            yield from _object_faults(base, value, self._checks)
        elif isinstance(value, list):
            for index, record in enumerate(value):
                yield from _object_faults(base + pointer(index), record, self._checks)
        else:
            yield Fault(base, "must be an array of objects")


def _checks(attributes: tuple[Attribute, ...], *, reduced: bool) -> Mapping[str, Check] | None:
    """What checks each single value; None where attributes were taken away: a value of any
    type may be stored under any name."""
    if reduced:
        return None
    unlimited = (replace(each, length=None, sensitive=False) for each in attributes)
    return {each.name: attribute_type(each).stored for each in unlimited}


def _removed_faults(base: str, value: Any) -> Iterator[Fault]:
    records = value if isinstance(value, list) else [value]
    for index, record in enumerate(records):
        here = base + pointer(index) if isinstance(value, list) else base
        yield from _object_faults(here, record, None)


def _object_faults(base: str, value: Any, checks: Mapping[str, Check] | None) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(base, "must be an object")
        return
    for name, each in value.items():
        here = base + pointer(name)
        check = _checked_plain if checks is None else checks.get(name)
        if check is None or not is_word(name) or name.lower() == CUSTOMER_ID:
            yield Fault(here, "is not defined")
        else:
            yield from _value_faults(here, each, check)


def _value_faults(here: str, value: Any, check: Check) -> Iterator[Fault]:
    try:
        for each in value if isinstance(value, list) else [value]:
            check(each)
    except ValidationError as error:
        yield Fault(here, str(error.messages[0]))


def _checked_plain(value: Any) -> None:
    """
    :raises ValidationError: no attribute type takes ``value``.
    """
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, Number):
        if not JSON_NUMBER.fullmatch(value.text):
            raise ValidationError("must be a number")
    elif not isinstance(value, bool | int):
        raise ValidationError("must be a single value, or an array of these")

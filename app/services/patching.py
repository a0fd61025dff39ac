"""JSON Merge Patch (RFC 7396) and JSON Patch (RFC 6902) of JSON values.

The libraries do the patching. What they leave open is done here: names given twice, numbers
that keep their text, every fault of a patch at once, and limits on what a patch may cost.
Documents and patches are as `schemas.document.parse` gives them; neither is changed.
"""

from collections.abc import Iterator
from typing import Any

import json_merge_patch
from jsonpatch import JsonPatch, JsonPatchException, JsonPatchPathNotFound
from jsonpointer import EndOfList, JsonPointer, JsonPointerException

from schemas.document import JSON_NUMBER, MAX_DEPTH, Number, Repeating
from schemas.faults import Fault, Refused, first, pointer

MAX_OPERATIONS = 1000
MAX_CARRIED = 1024 * 1024
"""How many characters and elements all ``copy`` and ``move`` of a patch may carry: each of a
few could double the document."""

_MEMBERS = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("from", "path"),
    "copy": ("from", "path"),
    "test": ("path", "value"),
}
_LONGEST_EXPONENT = 18
_MISSING = object()


class PatchRefused(Refused):
    """The patch was not applied: ``faults`` says why, with pointers into the patch."""


class InvalidPatch(PatchRefused):
    """It is no patch, or one beyond the limits, whatever the document."""


class PatchConflict(PatchRefused):
    """An operation is not possible on this document."""


class PatchTestFailed(PatchRefused):
    """A ``test`` found another value, or none."""


def merge_patch(document: Any, patch: Any) -> Any:
    """``document`` with the merge patch ``patch``.

    :raises InvalidPatch: with the place of every name given twice.
    """
    _refuse_repeated_names(patch)
    return json_merge_patch.merge(_copied(document), patch)


def json_patch(document: Any, patch: Any) -> Any:
    """``document`` after all operations of ``patch``; the first one that fails is told.

    :raises InvalidPatch: with every fault of the patch.
    :raises PatchConflict: see there.
    :raises PatchTestFailed: see there.
    """
    _refuse_repeated_names(patch)
    if faults := first(_operation_faults(patch)):
        raise InvalidPatch(faults)
    result, room = _copied(document), MAX_CARRIED
    for index, operation in enumerate(patch):
        here = pointer(index)
        if operation["op"] == "test":
            _test(result, operation, here)
            continue
        if "from" in _MEMBERS[operation["op"]]:
            room -= _carried(result, operation, here)
        if room < 0:
            raise InvalidPatch([Fault(here, "copies and moves too much, with those before it")])
        result = _applied(result, operation, here)
    return result


def _refuse_repeated_names(patch: Any) -> None:
    if not isinstance(patch, dict | list):
        return
    repeated = (Fault(pointer(*path), "is given more than once") for path in _repeated(patch))
    if faults := first(repeated):
        raise InvalidPatch(faults)


def _repeated(value: Any) -> Iterator[tuple[str | int, ...]]:
    """The paths of all names that are given twice."""
    if isinstance(value, Repeating):
        yield from ((name,) for name in value.names)
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for step, member in members:
        if isinstance(member, dict | list):
            yield from ((step, *path) for path in _repeated(member))


def _operation_faults(patch: Any) -> Iterator[Fault]:
    if not isinstance(patch, list):
        yield Fault("", "must be an array of operations")
    elif len(patch) > MAX_OPERATIONS:
        yield Fault("", f"must have at most {MAX_OPERATIONS} operations")
    else:
        for index, operation in enumerate(patch):
            yield from _member_faults(operation, pointer(index))


def _member_faults(operation: Any, here: str) -> Iterator[Fault]:
    if not isinstance(operation, dict):
        yield Fault(here, "must be an object")
        return
    name = operation.get("op")
    if not isinstance(name, str) or name not in _MEMBERS:
        yield Fault(here + "/op", f"must be one of {', '.join(_MEMBERS)}")
        return
    for member in _MEMBERS[name]:
        if member not in operation:
            yield Fault(here + pointer(member), "is mandatory")
        elif member != "value" and not _is_path(operation[member]):
            rule = f"must be a JSON Pointer of at most {MAX_DEPTH} steps"
            yield Fault(here + pointer(member), rule)


def _is_path(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(JsonPointer(value).parts) <= MAX_DEPTH
    except JsonPointerException:
        return False


def _test(document: Any, operation: dict[str, Any], here: str) -> None:
    found = JsonPointer(operation["path"]).resolve(document, _MISSING)
    if found is _MISSING or isinstance(found, EndOfList):
        raise PatchTestFailed([Fault(here, "there is no value at the path")])
    if not _equal(found, operation["value"]):
        raise PatchTestFailed([Fault(here, "the value at the path is another one")])


def _carried(document: Any, operation: dict[str, Any], here: str) -> int:
    """How much ``operation`` copies or moves."""
    try:
        return _weight(JsonPointer(operation["from"]).resolve(document, None), MAX_DEPTH)
    except _TooDeep:
        why = f"copies or moves what is nested deeper than {MAX_DEPTH} levels"
        raise InvalidPatch([Fault(here, why)]) from None


class _TooDeep(Exception):
    """A value is nested deeper than asked."""


def _weight(value: Any, levels: int) -> int:
    """The characters and elements in ``value``, about what it takes as JSON text."""
    if levels < 0:
        raise _TooDeep
    if isinstance(value, dict):
        return sum(len(name) + _weight(each, levels - 1) for name, each in value.items()) + 1
    if isinstance(value, list):
        return sum(_weight(each, levels - 1) for each in value) + 1
    text = value.text if isinstance(value, Number) else value
    return len(text) + 1 if isinstance(text, str) else 1


def _applied(document: Any, operation: dict[str, Any], here: str) -> Any:
    try:
        return JsonPatch([operation]).apply(document, in_place=True)
    except (JsonPatchPathNotFound, JsonPointerException):
        raise PatchConflict([Fault(here, "there is no such place in the document")]) from None
    except JsonPatchException:
        raise PatchConflict([Fault(here, "is not possible at this place")]) from None


def _copied(value: Any) -> Any:
    """``value`` in objects and arrays of its own, as the libraries change those they get."""
    if isinstance(value, dict):
        return {name: _copied(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_copied(element) for element in value]
    return value


def _equal(one: Any, other: Any) -> bool:
    """Equality of RFC 6902, section 4.6: numbers by what they are worth, 1 like 1.0."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return _comparable(one) == _comparable(other)


def _comparable(value: Any) -> tuple[Any, ...]:
    """A scalar by its type and value; a number by its sign, digits and power of ten.

    Not by `decimal`, which has bounds, and not by `int`, which takes quadratic time.
    """
    text = _number_text(value)
    match = JSON_NUMBER.fullmatch(text)
    if match is None or len(match[3] or "") > _LONGEST_EXPONENT:
        return type(value), value
    fraction = (match[2] or "").removeprefix(".")
    digits = (match[1] + fraction).lstrip("0")
    if not digits:
        return (Number, 0)
    power = int((match[3] or "e0")[1:]) - len(fraction) + len(digits) - len(digits.rstrip("0"))
    return text.startswith("-"), digits.rstrip("0"), power


def _number_text(value: Any) -> str:
    """The JSON text of a number, "" for any other value."""
    if isinstance(value, Number):
        return value.text
    return "" if isinstance(value, bool) or not isinstance(value, int | float) else repr(value)

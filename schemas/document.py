"""JSON text to values and back, without losing or inventing anything on the way.

RFC 8259 leaves repeated names and the precision of numbers to the reader. This one keeps
both visible, as `Repeating` and `Number`, for the schemas to judge.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import Any, Never

import orjson

from schemas.faults import Fault, Malformed, pointer

MAX_DEPTH = 32
JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)

_LONGEST_INTEGER = 20
_NESTING = (dict, list)
_TOO_DEEP = f"is nested deeper than {MAX_DEPTH} levels"


class Number:
    """A JSON number that is no whole number of 64 bits, kept as its text. So is ``-0``."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Number({self.text!r})"


class _NoNumber(Exception):
    """NaN or an infinity, which `json` takes and JSON has not (RFC 8259, section 6)."""


class Repeating(dict[str, Any]):
    """An object in whose text each of ``names`` stands more than once."""

    names: tuple[str, ...] = ()


def parse(text: bytes) -> Any:
    """The value that the JSON ``text`` describes.

    :raises Malformed: it is not UTF-8, not JSON, or nested too deep.
    """
    try:
        value = _DECODER.decode(text.decode())
    except UnicodeDecodeError as error:
        why = f"is not valid UTF-8 at byte {error.start}"
    except json.JSONDecodeError as error:
        why = f"is not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}"
    except _NoNumber as error:
        why = f"is not valid JSON: {error} is no number of it"
    except RecursionError:
        why = _TOO_DEEP
    else:
        if text.count(b"{") + text.count(b"[") > MAX_DEPTH:
            _check_depth(value)
        return value
    raise Malformed([Fault("", why)])


def dump(value: Any) -> bytes:
    """The JSON text of ``value``, UTF-8; a `Number` is written as it was read."""
    return orjson.dumps(value, default=_fragment)


def splice(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A JSON object out of names (plain words) and the JSON texts of their values."""
    return b"{" + b",".join(member(name, text) for name, text in members) + b"}"


def member(name: str, text: bytes) -> bytes:
    """One member of a JSON object: a name (a plain word) and the JSON text of its value."""
    return b'"%s":%s' % (name.encode(), text)


def _check_depth(root: Any) -> None:
    level: list[Any] = [[root]]
    for _ in range(MAX_DEPTH + 1):
        level = [
            each
            for node in level
            for each in (node.values() if isinstance(node, dict) else node)
            if isinstance(each, _NESTING)
        ]
        if not level:
            return
    raise Malformed([Fault(pointer(*_first_too_deep(root)), _TOO_DEEP)])


def _first_too_deep(root: Any) -> tuple[str | int, ...]:
    """The path of an object or array that is; there has to be one."""
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), root)]
    while True:
        path, node = pending.pop()
        if isinstance(node, _NESTING) and len(path) >= MAX_DEPTH:
            return path
        members = node.items() if isinstance(node, dict) else ()
        elements = enumerate(node) if isinstance(node, list) else ()
        pending += [((*path, step), child) for step, child in chain(members, elements)]


def json_number(text: str) -> int | Number | None:
    """The number that ``text`` is in JSON, if it is one."""
    match = JSON_NUMBER.fullmatch(text)
    if match is None:
        return None
    return Number(text) if match[2] or match[3] else whole_number(text)


def whole_number(text: str) -> int | Number:
    """The number that the digits of ``text`` mean, an int if the JSON writer has it."""
    if len(text) > _LONGEST_INTEGER or text == "-0":
        return Number(text)
    value = int(text)
    return value if -(2**63) <= value < 2**64 else Number(text)


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) == len(members):
        return value
    repeating = Repeating(value)
    counts = Counter(name for name, _ in members)
    repeating.names = tuple(name for name, count in counts.items() if count > 1)
    return repeating


def _refuse_constant(name: str) -> Never:
    raise _NoNumber(name)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=Number,
    parse_int=whole_number,
    parse_constant=_refuse_constant,
)


def _fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.text)
    raise TypeError(type(value).__name__)

"""JSON text to values and back, without losing or inventing anything on the way.

RFC 8259 leaves duplicate names, number precision and lone surrogates to the reader. This
reader refuses what another would drop or change silently, and keeps decimals as text.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import orjson

from schemas.faults import Fault, Malformed, pointer

MAX_DEPTH = 32
MAX_INTEGER_DIGITS = 40

JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


class Number:
    """A JSON number with a fraction or an exponent, or a very long one, kept as its text."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Number({self.text!r})"


class _Repeating(dict[str, Any]):
    """An object in whose text each of ``names`` stands more than once."""

    names: list[str]


def parse(text: bytes) -> Any:
    """The value that the JSON ``text`` describes; decimals are `Number`.

    :raises Malformed: with the place of every fault that the text itself has.
    """
    try:
        decoded = text.decode()
        value = _DECODER.decode(decoded)
    except UnicodeDecodeError as error:
        raise _malformed(f"is not valid UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise _malformed(
            f"is not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None
    except RecursionError:
        raise _malformed(f"is nested deeper than {MAX_DEPTH} levels") from None
    if faults := list(_text_faults(text, decoded, value)):
        raise Malformed(faults)
    return value


def dump(value: Any) -> bytes:
    """The JSON text of ``value``, UTF-8; a `Number` is written as it was read."""
    return orjson.dumps(value, default=_fragment)


def splice(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A JSON object out of names (plain words) and the JSON texts of their values."""
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), text) for name, text in members) + b"}"


def _malformed(message: str) -> Malformed:
    return Malformed([Fault("", message)])


def _integer(text: str) -> int | Number:
    return int(text) if len(text) <= MAX_INTEGER_DIGITS else Number(text)


def _refuse_constant(name: str) -> NoReturn:
    raise _malformed(f"holds {name}, which is not a JSON number")


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) == len(members):
        return value
    repeating = _Repeating(value)
    counts = Counter(name for name, _ in members)
    repeating.names = [name for name, count in counts.items() if count > 1]
    return repeating


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=Number,
    parse_int=_integer,
    parse_constant=_refuse_constant,
)


def _fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.text)
    raise TypeError(type(value).__name__)


def _text_faults(text: bytes, decoded: str, value: Any) -> Iterator[Fault]:
    """Faults that only a walk finds; the walk is left out where it could find none."""
    deep = text.count(b"{") + text.count(b"[") > MAX_DEPTH
    surrogates = _SURROGATE_ESCAPE.search(decoded) is not None
    for path, node in _walk(value):
        if deep and len(path) >= MAX_DEPTH and isinstance(node, dict | list):
            yield Fault(pointer(*path), f"is nested deeper than {MAX_DEPTH} levels")
            return
        if isinstance(node, _Repeating):
            for name in node.names:
                yield Fault(_printable(pointer(*path, name)), "is given more than once")
        if surrogates and isinstance(node, str) and _SURROGATE.search(node):
            yield Fault(_printable(pointer(*path)), "holds a lone surrogate")


def _walk(root: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value under ``root`` and every name, which counts as a value at its own path."""
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), root)]
    while pending:
        path, node = pending.pop()
        yield path, node
        if isinstance(node, dict):
            for name, child in reversed(node.items()):
                pending += [((*path, name), child), ((*path, name), name)]
        elif isinstance(node, list):
            pending += [((*path, index), node[index]) for index in reversed(range(len(node)))]


def _printable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()

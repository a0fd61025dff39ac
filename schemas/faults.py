"""What is wrong with an input, and where: all of it at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

MAX_FAULTS = 100
"""How many faults of an input are told, and looked for in each list of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault at ``pointer``, a JSON Pointer (RFC 6901) into the input; "" is its root."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or '(document)'}: {self.message}"


MORE = Fault("", f"has more faults than these {MAX_FAULTS}")


class Refused(Exception):
    """``faults`` tells why, at least one: all of them, or `MAX_FAULTS` and then `MORE`."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """``faults``: not looked into further than they are told."""
        self.faults = first(faults)
        super().__init__("; ".join(map(str, self.faults)))


class DependsOnDefinition(Exception):
    """A refusal that under another revision of the definition may be none."""


class Invalid(Refused, DependsOnDefinition):
    """The input breaks its rules."""


class InvalidDefinition(Invalid):
    """What is given cannot be a definition, or a part of one."""


class InvalidBody(Invalid):
    """The body is not what this operation takes."""


class Malformed(Invalid):
    """The text is no JSON, so its content could not be looked at."""


def pointer(*steps: str | int) -> str:
    """The JSON Pointer of a path: ``~`` and ``/`` escaped, lone surrogates made readable."""
    path = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
    return path.encode(errors="backslashreplace").decode()


def first(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """All of ``faults``, or the first `MAX_FAULTS` and `MORE`; those after are never made."""
    rest = iter(faults)
    told = tuple(islice(rest, MAX_FAULTS))
    return told if next(rest, None) is None else (*told, MORE)


def flatten(messages: Any, base: str = "") -> Iterator[Fault]:
    """The faults in marshmallow's nested messages, in their order."""
    if isinstance(messages, dict):
        for step, nested in messages.items():
            yield from flatten(nested, base + pointer(step))
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            yield Fault(base, message)

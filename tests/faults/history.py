"""What clients asked and what came back: the record that a run is judged by.

One line of JSON for each operation. A write is recorded before it is sent, as one whose outcome
is unknown, and again when it is answered: so a client that dies leaves no gap.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson


class Verb(StrEnum):
    """What was asked for; a write is named as the history of a profile names it."""

    CREATE = "create"
    UPDATE = "update"
    PATCH = "patch"
    INSERT = "insert_records"
    DELETE = "delete"
    MERGE = "merge"
    READ = "read"
    IDENTIFY = "identify"


class Outcome(StrEnum):
    """What the client knows of it."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of one client, however often it was sent.

    ``marker`` is unique, stands in all that a write puts into a profile and in its reason, and
    is "" where nothing is written. ``profile`` is the id in the path, "" where there is none; of
    a create without an id it is the one that was answered. ``value`` is what identify was asked
    for: the name of an attribute and a text.

    ``started`` and ``ended`` are seconds of this machine's monotonic clock, from the first
    attempt to the last answer; ``attempts`` is more than 1 where a write was repeated with its
    ``Idempotency-Key``. ``tag`` is the entity tag that was answered, of the whole profile.
    ``answer`` is the profile that was read, or the ids that were found.
    """

    client: str
    number: int
    verb: Verb
    profile: str = ""
    marker: str = ""
    body: Any = None
    source: str = ""
    if_match: str = ""
    keyed: bool = False
    value: tuple[str, str] | None = None
    started: float
    ended: float
    attempts: int = 1
    outcome: Outcome = Outcome.UNKNOWN
    status: int = 0
    code: str = ""
    tag: str = ""
    answer: Any = None

    @property
    def writes(self) -> bool:
        return bool(self.marker)

    @property
    def acknowledged(self) -> bool:
        return self.outcome is Outcome.ACKNOWLEDGED

    def __str__(self) -> str:
        """Without contents, for a report."""
        asked = f" If-Match {self.if_match}" if self.if_match else ""
        merged = f" of {self.source}" if self.source else ""
        told = f"{self.status} {self.code}".strip() if self.status else "no answer"
        tag = f" {self.tag}" if self.tag else ""
        return (
            f"{self.verb} {self.profile or self.value}{merged}{asked} by {self.client}"
            f"-{self.number}, {self.started:.3f} to {self.ended:.3f}: {self.outcome} ({told}){tag}"
        )


def line(operation: Operation) -> bytes:
    return orjson.dumps(operation) + b"\n"


def read(files: Iterable[Path]) -> list[Operation]:
    """The operations in ``files``, each as it was recorded last, in the order of their starts."""
    last: dict[tuple[str, int], Operation] = {}
    for file in files:
        for text in file.read_bytes().splitlines():
            operation = _operation(text)
            last[operation.client, operation.number] = operation
    return sorted(last.values(), key=lambda each: each.started)


def _operation(text: bytes) -> Operation:
    told = orjson.loads(text)
    value = told.pop("value")
    return Operation(
        **told
        | {
            "verb": Verb(told["verb"]),
            "outcome": Outcome(told["outcome"]),
            "value": tuple(value) if value else None,
        }
    )

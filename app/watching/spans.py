"""What tracing is, for those that do not care whether it is on and by what."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from app.watching.calls import Call
from app.watching.identifiers import TraceParent

Attributes = Mapping[str, str | int]


class Span(Protocol):
    """A request that is being answered."""

    @property
    def trace_id(self) -> str:
        """In hexadecimal digits, as in ``traceparent``."""

    def end(self, attributes: Attributes, calls: Iterable[Call], *, failed: bool) -> None:
        """It was answered, and made these calls of the store."""


class Tracing(Protocol):
    """Makes spans, and sends them away in a thread of its own."""

    def start(self) -> None:
        """In this process; one that forks starts it after the fork."""

    def stop(self) -> None:
        """Send what is left."""

    def begin(self, name: str, parent: TraceParent | None) -> Span: ...

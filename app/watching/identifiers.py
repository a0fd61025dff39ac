"""What ties the lines about one request together, across services."""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from random import getrandbits

_REQUEST_ID = re.compile(r"[A-Za-z0-9._~-]{1,128}", re.ASCII)
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")

IDS: ContextVar[Mapping[str, str]] = ContextVar("ids", default={})  # noqa: B039 - never changed
"""What each line of the request that is being answered has: its id, and that of its trace."""

_FIRST_VERSION, _NO_VERSION = "00", "ff"


@dataclass(frozen=True, slots=True)
class TraceParent:
    """The span that a request comes from, in hexadecimal digits as it is sent."""

    trace_id: str
    span_id: str
    flags: int


def request_id(given: str) -> str:
    """``given`` if it is one that may stand in a log, else a new one."""
    if given and _REQUEST_ID.fullmatch(given):
        return given
    return f"{getrandbits(128):032x}"


def trace_parent(given: str) -> TraceParent | None:
    """None where the header is missing or malformed: then a trace begins anew.

    https://www.w3.org/TR/trace-context/#traceparent-header: only versions after the first may
    have more parts, and an id of zeros is none.
    """
    match = _TRACEPARENT.fullmatch(given)
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == _NO_VERSION or (version == _FIRST_VERSION and more):
        return None
    if not int(trace_id, 16) or not int(span_id, 16):
        return None
    return TraceParent(trace_id, span_id, int(flags, 16))

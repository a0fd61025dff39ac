"""What has come of a request so far, and whether it pays to let a thread read it.

What HTTP is, only gunicorn's parser tells. A wrong guess here makes a thread wait for a client,
for a bounded time, or a client for a thread.
"""

import re
from enum import Enum, auto

MAX_HEAD = 64 * 1024
"""Bytes of the request line and the header fields together."""

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FRAMING = re.compile(rb"\n(content-length|transfer-encoding):[ \t]*([^\r\n]*)", re.I)
# A head that everybody reads in one way.
_PLAIN = re.compile(rb"(?i)[A-Z]+ [!-~]+ HTTP/1\.1\r\n(?:[A-Z0-9-]+: ?[\t -~]*\r\n)*\r\n")
_CLOSES = re.compile(rb"(?i)\nconnection:[^\n]*close")
_CONSENT = re.compile(
    rb"[^\n]* HTTP/1\.1\r\n(?:.*\n)?expect[ \t]*:[ \t]*100-continue", re.I | re.S
)
_HEALTH = (b"GET /health/", b"HEAD /health/")
_MAX_SIZE_LINE = 8190
_MAX_DIGITS = 20


class Arrived(Enum):
    """How much of a request there is."""

    PART = auto()
    WHOLE = auto()
    """All of it, or enough for the parser or the application to refuse it."""
    CUT = auto()
    """The client has ended it before its end."""
    LONG_HEAD = auto()
    LONG_BODY = auto()


class Arrival:
    """The bytes of a connection that no thread has read."""

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._begin(bytearray())

    def __len__(self) -> int:
        return len(self._bytes)

    @property
    def is_for_health(self) -> bool:
        return self._bytes.startswith(_HEALTH)

    @property
    def awaits_consent(self) -> bool:
        """Whether the client waits for ``100 Continue`` before it sends the body."""
        return len(self._bytes) == self._body_at > 0 and bool(_CONSENT.match(self._bytes))

    @property
    def ends_surely(self) -> bool:
        """Whether it ends here beyond doubt, so that what comes next is another request."""
        head = self._bytes[: self._body_at]
        return (
            self._surely_framed
            and len(self._bytes) == self._body_at + self._length
            and _PLAIN.fullmatch(head) is not None
            and not _CLOSES.search(head)
        )

    @property
    def request(self) -> tuple[bytes, bytes] | None:
        """The head and the body of the first request, where it surely ends within what is here."""
        end = self._body_at + self._length
        if not self._surely_framed or len(self._bytes) < end:
            return None
        return bytes(self._bytes[: self._body_at]), bytes(self._bytes[self._body_at : end])

    def add(self, data: bytes) -> None:
        self._bytes += data

    def pass_over(self) -> None:
        """Forget that request; what comes next may have come already."""
        self._begin(self._bytes[self._body_at + self._length :])

    def take(self) -> bytes:
        """All of it, for a thread. More may belong to the next request."""
        taken = bytes(self._bytes)
        self._begin(bytearray())
        return taken

    def look(self) -> Arrived:
        """Looks at each byte about once, however they come."""
        if not self._body_at and not self._find_head():
            return Arrived.LONG_HEAD if len(self._bytes) > MAX_HEAD else Arrived.PART
        whole = self._chunks_end() if self._chunked else self._body_ends()
        if whole:
            return Arrived.WHOLE
        # Chunks may be mostly sizes and extensions.
        too_long = len(self._bytes) > 2 * self._max_body + MAX_HEAD
        return Arrived.LONG_BODY if too_long else Arrived.PART

    def _begin(self, rest: bytearray) -> None:
        self._bytes = rest
        self._looked_until = self._body_at = self._length = 0
        self._chunked, self._chunk_at, self._content = False, 0, 0
        self._surely_framed = False

    def _find_head(self) -> bool:
        end = _HEAD_END.search(self._bytes, max(0, self._looked_until - 3))
        self._looked_until = len(self._bytes)
        if end:
            self._body_at = self._chunk_at = end.end()
            self._read_framing()
        return bool(end)

    def _read_framing(self) -> None:
        """What the parser refuses, such as two lengths, is left without a body here."""
        framing = [
            (name.lower(), text.strip(b" \t").lower())
            for name, text in _FRAMING.findall(self._bytes, 0, self._body_at)
        ]
        kinds = {name for name, _ in framing}
        if kinds == {b"transfer-encoding"}:
            self._chunked = framing[-1][1].endswith(b"chunked")
        elif len(framing) == 1 and framing[0][1].isdigit():
            self._length = int(framing[0][1][:_MAX_DIGITS])
            self._surely_framed = True
        self._surely_framed |= not framing

    def _body_ends(self) -> bool:
        """A body that is too long is refused before it is read."""
        arrived = len(self._bytes) - self._body_at
        return self._length > self._max_body or arrived >= self._length

    def _chunks_end(self) -> bool:
        """Whether the last chunk is there, too much content, or what is no chunk."""
        while True:
            line_end = self._bytes.find(b"\r\n", self._chunk_at)
            if line_end < 0:
                return len(self._bytes) - self._chunk_at > _MAX_SIZE_LINE
            size = _size(self._bytes[self._chunk_at : line_end])
            if size is None:
                return True
            if size == 0:
                trailers = self._bytes.find(b"\r\n\r\n", line_end)
                return trailers >= 0
            content_at = line_end + 2
            here = min(size, len(self._bytes) - content_at)
            if self._content + here > self._max_body:
                return True
            if len(self._bytes) < content_at + size + 2:
                return False
            self._content += size
            self._chunk_at = content_at + size + 2


def _size(line: bytearray) -> int | None:
    """What the first line of a chunk says, None where it says nothing."""
    digits = bytes(line).partition(b";")[0].strip()
    try:
        return int(digits, 16) if digits.isalnum() else None
    except ValueError:
        return None

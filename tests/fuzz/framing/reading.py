"""What the bytes of a connection say, by the letter of RFC 9112: a server is held to it.

It takes nothing that a recipient only *may* take (bare line feeds, folded lines, lists of equal
lengths), because another recipient in front may read it in another way. Where a request is clear
but a server may still refuse it, the reading says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

MAX_LINE = 4094
MAX_FIELD = 8190 - 2
MAX_FIELDS = 100
MAX_BODY = 1024 * 1024

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_USUAL_METHOD = re.compile(rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)")
_VERSION = re.compile(rb"HTTP/1\.([0-9])")
_USUAL_TARGET = re.compile(rb"/[!$&'()*+,;=:@A-Za-z0-9._~/?%-]*")
_NO_TARGET = re.compile(rb"[\x00-\x20\x7f]")
_USUAL_ABSOLUTE_TARGET = re.compile(rb"http://h/[A-Za-z0-9./]*")
_ID = re.compile(rb"[A-Za-z0-9._~-]{1,128}")
_USUAL_HOST = re.compile(rb"[A-Za-z0-9.-]+(?::[0-9]+)?")
_NO_HOST = re.compile(rb"""[^!$&'()*+,;=A-Za-z0-9._~%:\[\]-]""")
_PORT = re.compile(rb"[^:]*(?::[0-9]*)?|\[[0-9A-Fa-f:.]*\](?::[0-9]*)?")
_NO_TEXT = re.compile(rb"[\x00\r\n]")
_ODD_TEXT = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_CHUNK = re.compile(
    rb"""(?P<size>[0-9A-Fa-f]+)
    (?P<extension>(?:[ \t]*;.*)?)""",
    re.VERBOSE | re.DOTALL,
)
_USUAL_EXTENSION = re.compile(
    rb"""(?:;TOKEN(?:=(?:TOKEN|"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"))?)*""".replace(
        b"TOKEN", _TOKEN.pattern
    )
)
_MAX_DIGITS = 16
_NO_TRAILERS = {
    b"host",
    b"content-length",
    b"transfer-encoding",
    b"te",
    b"trailer",
    b"authorization",
}
"""Of those that RFC 9110 section 6.5.1 forbids: what frames, routes or authenticates."""


class Kind(Enum):
    """What has come of a request."""

    WHOLE = auto()
    CUT = auto()
    """Its end has not come."""
    BROKEN = auto()
    """It has no end that every recipient finds."""


class Stay(Enum):
    """Whether the connection goes on after a whole request."""

    YES = auto()
    NO = auto()
    EITHER = auto()


@dataclass(slots=True)
class Reading:
    """One request, as far as it can be read."""

    kind: Kind = Kind.WHOLE
    method: bytes = b""
    target: bytes = b""
    media_type: bytes = b""
    id: bytes = b""
    """Its `X-Request-Id`, if that is a proper one."""
    body: bytes = b""
    head_is_read: bool = False
    """Whether an answer may come before the body is looked at."""
    is_wrong: bool = False
    """It has to be refused, although its end is known."""
    may_be_refused: bool = False
    """RFC 9112 or a limit lets a server refuse it."""
    stay: Stay = Stay.YES


class _BrokenError(Exception):
    """Where a recipient has to stop."""


class _CutError(Exception):
    """More has to come."""


def readings(data: bytes) -> Iterator[Reading]:
    """The requests in ``data``, until one ends the connection; the last may be cut or broken."""
    at = 0
    while at < len(data):
        reading = Reading()
        try:
            at = _read(data, at, reading)
        except _CutError:
            reading.kind = Kind.CUT
        except _BrokenError:
            reading.kind = Kind.BROKEN
        yield reading
        if reading.kind is not Kind.WHOLE or reading.stay is Stay.NO:
            return


def _read(data: bytes, start: int, reading: Reading) -> int:
    """Fill in ``reading``; where the request ends."""
    at = _skip_empty_lines(data, start, reading)
    end = data.find(b"\r\n\r\n", at)
    head = data[at : end if end >= 0 else len(data)]
    if end < 0 and not head.strip(b"\r\n"):
        raise _CutError
    line, *lines = head.split(b"\r\n")
    try:
        version = _read_line(line, reading)
        fields = _fields(lines, reading)
        frame = _framing(fields, version, reading)
    except _BrokenError:
        reading.is_wrong = True
        if end < 0:
            raise _CutError from None
        raise
    if end < 0:
        raise _CutError
    _look_at_host(fields, version, reading)
    _look_at_connection(fields, version, reading)
    ids = fields.get(b"x-request-id", [])
    reading.id = ids[0] if len(ids) == 1 and _ID.fullmatch(ids[0]) else b""
    reading.media_type = b",".join(fields.get(b"content-type", []))
    reading.head_is_read = True
    if frame is None:
        return _read_chunks(data, end + 4, reading)
    if len(data) < end + 4 + frame:
        raise _CutError
    reading.body = data[end + 4 : end + 4 + frame]
    return end + 4 + frame


def _skip_empty_lines(data: bytes, at: int, reading: Reading) -> int:
    """Section 2.2: one of them at least is ignored."""
    count = 0
    while data.startswith((b"\r\n", b"\n"), at):
        reading.may_be_refused |= bool(count) or data[at] == ord("\n")
        at += 1 if data[at] == ord("\n") else 2
        count += 1
    return at


def _read_line(line: bytes, reading: Reading) -> int:
    """The request line; the minor version.

    Which targets there are for a method (section 3.2) does not change where the request ends.
    """
    parts = re.split(rb" +", line)
    if len(parts) != 3:
        raise _BrokenError
    method, target, version = parts
    known = _VERSION.fullmatch(version)
    if not _TOKEN.fullmatch(method) or not known or not target or _NO_TARGET.search(target):
        raise _BrokenError
    reading.method, reading.target = method, target
    usual = (
        line.count(b" ") == 2
        and _USUAL_METHOD.fullmatch(method)
        and known[1] == b"1"
        and len(line) <= MAX_LINE
    )
    usual = usual and (_USUAL_TARGET.fullmatch(target) or _USUAL_ABSOLUTE_TARGET.fullmatch(target))
    reading.may_be_refused |= not usual
    return int(known[1])


def _fields(lines: list[bytes], reading: Reading) -> dict[bytes, list[bytes]]:
    found = dict[bytes, list[bytes]]()
    for line in lines:
        name, colon, text = line.partition(b":")
        text = text.strip(b" \t")
        if not colon or not _TOKEN.fullmatch(name) or _NO_TEXT.search(text):
            raise _BrokenError
        reading.may_be_refused |= bool(_ODD_TEXT.search(text.replace(b"\t", b"")))
        reading.may_be_refused |= b"_" in name or len(line) > MAX_FIELD
        found.setdefault(name.lower(), []).append(text)
    reading.may_be_refused |= len(lines) > MAX_FIELDS
    reading.may_be_refused |= len(found.get(b"content-type", [])) > 1
    reading.may_be_refused |= found.keys() & {b"expect", b"upgrade"} != set()
    return found


def _framing(fields: dict[bytes, list[bytes]], version: int, reading: Reading) -> int | None:
    """Section 6.3: the length of the body, None for chunks."""
    codings, lengths = fields.get(b"transfer-encoding"), fields.get(b"content-length", [])
    if codings is None:
        return _length(lengths, reading) if lengths else 0
    if lengths or version == 0:
        raise _BrokenError
    *others, last = [each.strip(b" \t").lower() for each in b",".join(codings).split(b",")]
    named = [each for each in others if each]
    if last != b"chunked" or b"chunked" in named:
        raise _BrokenError
    reading.may_be_refused |= bool(others)
    reading.is_wrong |= any(each != b"identity" for each in named)
    reading.stay = Stay.EITHER if others else Stay.YES
    return None


def _length(lengths: list[bytes], reading: Reading) -> int:
    (text, *others) = lengths
    if others or not re.fullmatch(rb"[0-9]+", text):
        raise _BrokenError
    length = int(text)
    reading.may_be_refused |= text != b"%d" % length or length > MAX_BODY
    return length


def _look_at_host(fields: dict[bytes, list[bytes]], version: int, reading: Reading) -> None:
    """Section 3.2: one, and a proper one."""
    hosts = fields.get(b"host", [])
    if len(hosts) == 1 and _USUAL_HOST.fullmatch(hosts[0]):
        return
    reading.may_be_refused |= bool(hosts) or version > 0
    if version == 0 and len(hosts) < 2:
        return
    reading.is_wrong |= (
        len(hosts) != 1 or bool(_NO_HOST.search(hosts[0])) or not _PORT.fullmatch(hosts[0])
    )


def _look_at_connection(fields: dict[bytes, list[bytes]], version: int, reading: Reading) -> None:
    """Section 9.3."""
    text = b",".join(fields.get(b"connection", [])).lower()
    options = {each.strip(b" \t") for each in text.split(b",")}
    if b"close" in options or (version == 0 and b"keep-alive" not in text):
        reading.stay = Stay.NO
    elif version != 1 or b"close" in text or b"upgrade" in fields or reading.method == b"CONNECT":
        reading.stay = Stay.EITHER


def _read_chunks(data: bytes, at: int, reading: Reading) -> int:
    """Section 7.1; where the request ends."""
    body = bytearray()
    while True:
        line, at = _line(data, at)
        chunk = _CHUNK.fullmatch(line)
        if chunk is None:
            raise _BrokenError
        size = int(chunk["size"], 16)
        reading.may_be_refused |= len(chunk["size"]) > _MAX_DIGITS or len(line) > MAX_FIELD
        reading.may_be_refused |= not _USUAL_EXTENSION.fullmatch(chunk["extension"])
        reading.may_be_refused |= len(body) + size > MAX_BODY
        if not size:
            reading.body = bytes(body)
            return _read_trailers(data, at, reading)
        body += data[at : at + size]
        at += size
        _ends_line(data, at)
        at += 2


def _read_trailers(data: bytes, at: int, reading: Reading) -> int:
    """Section 7.1.2. They end at an empty line, whatever they are, so any may be dropped."""
    count = 0
    while True:
        line, at = _line(data, at)
        if not line:
            return at
        count += 1
        name, colon, text = line.partition(b":")
        proper = colon and _TOKEN.fullmatch(name) and not _ODD_TEXT.search(text)
        forbidden = name.lower() in _NO_TRAILERS
        reading.may_be_refused |= not proper or forbidden or len(line) > MAX_FIELD
        reading.may_be_refused |= count > MAX_FIELDS


def _line(data: bytes, at: int) -> tuple[bytes, int]:
    """The line that begins here, and where the next one does."""
    end = data.find(b"\n", at)
    line = data[at : end if end >= 0 else len(data)]
    if end < 0:
        raise _CutError
    if not line.endswith(b"\r") or b"\r" in line[:-1]:
        raise _BrokenError
    return line[:-1], end + 1


def _ends_line(data: bytes, at: int) -> None:
    found = data[at : at + 2]
    if found == b"\r\n":
        return
    if b"\r\n".startswith(found):
        raise _CutError
    raise _BrokenError

"""Messages of the CQL native protocol, version 5, as far as a proxy has to understand them.

A message is an envelope: nine bytes of header, then the body. After the node has accepted a
connection, envelopes travel in segments with checksums, here without compression (the driver
asks for that only where a package for it is installed). Cassandra's native_protocol_v5.spec
describes both.
"""

import re
import struct
from asyncio import StreamReader
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from io import BytesIO

from cassandra.segment import CRC24_LENGTH, SegmentCodec

ERROR, READY, AUTHENTICATE, RESULT = 0x00, 0x02, 0x03, 0x08
PREPARE, EXECUTE, BATCH = 0x09, 0x0A, 0x0D
_KEYSPACE = re.compile(r" \w+\.")
HEADER = struct.Struct(">BBhBi")
KIND_OF_RESULT = 4
HAS_WARNINGS = 0x08
FROM_NODE = 0x80
SERIAL, LOCAL_SERIAL = 0x0008, 0x0009
READ_AT_ONCE = 65536

_CODEC = SegmentCodec()
_SEGMENT_HEADER = SegmentCodec.UNCOMPRESSED_HEADER_LENGTH + CRC24_LENGTH


@dataclass(frozen=True, slots=True)
class Message:
    """One envelope; ``body`` is what follows its header."""

    version: int
    flags: int
    stream: int
    opcode: int
    body: bytes

    @property
    def envelope(self) -> bytes:
        header = HEADER.pack(self.version, self.flags, self.stream, self.opcode, len(self.body))
        return header + self.body

    @property
    def segments(self) -> bytes:
        """The envelope as it travels on an accepted connection."""
        buffer = BytesIO()
        _CODEC.encode(buffer, self.envelope)
        return buffer.getvalue()

    @property
    def accepts(self) -> bool:
        """Whether all that follows it on the connection, both ways, is in segments."""
        return self.opcode in {READY, AUTHENTICATE}

    def refusal(self, body: bytes) -> "Message":
        """What a node says that refuses this request; ``body`` is one of `error`."""
        return Message(self.version | FROM_NODE, 0, self.stream, ERROR, body)


@dataclass(frozen=True, slots=True)
class Request:
    """A message of the client; ``cql`` is its prepared statement, the first one of a batch."""

    message: Message
    cql: str

    def says(self, words: str) -> bool:
        """Whether its statement has ``words``, in which no table has its keyspace before it."""
        return words in _KEYSPACE.sub(" ", self.cql)

    def binds(self, text: str) -> bool:
        """Whether ``text`` is in one of its values."""
        return text.encode() in self.message.body

    @property
    def is_write_of_profile(self) -> bool:
        """Whether it is the one conditional batch that changes a profile."""
        return self.message.opcode == BATCH and self.is_conditional

    @property
    def is_conditional(self) -> bool:
        return " IF " in self.cql and self.message.opcode in {BATCH, EXECUTE}

    @property
    def is_serial_read(self) -> bool:
        if self.message.opcode != EXECUTE:
            return False
        after_ids = _after_short_bytes(self.message.body, _after_short_bytes(self.message.body, 0))
        return _short(self.message.body, after_ids) in {SERIAL, LOCAL_SERIAL}


class Statements:
    """The text of what was prepared, by the id that the node gave it."""

    def __init__(self) -> None:
        self._texts: dict[bytes, str] = {}

    def request(self, message: Message) -> Request:
        # A batch begins with its type and the count and kind of its statements.
        at = {EXECUTE: 0, BATCH: 4}.get(message.opcode)
        key = b"" if at is None else message.body[at + 2 : _after_short_bytes(message.body, at)]
        return Request(message, self._texts.get(key, ""))

    def learn(self, asked: Request, answer: Message) -> None:
        """``answer`` to ``asked``, if that prepared a statement."""
        if asked.message.opcode == PREPARE and answer.opcode == RESULT:
            (length,) = struct.unpack_from(">i", asked.message.body)
            told = answer.body[_after_warnings(answer) + KIND_OF_RESULT :]
            key = told[2 : _after_short_bytes(told, 0)]
            self._texts[key] = asked.message.body[4 : 4 + length].decode()


def error(code: int, *more: bytes) -> bytes:
    """The body of an error; ``more`` is what the specification has for its code."""
    return struct.pack(">iH", code, 0) + b"".join(more)


async def messages(reader: StreamReader, accepted: Callable[[], bool]) -> AsyncIterator[Message]:
    """All that comes, to the end; ``accepted``: whether it comes in segments by now.

    No side sends anything while it waits for the connection to be accepted.
    """
    received = waiting = b""
    while data := await reader.read(READ_AT_ONCE):
        received += data
        while True:
            payload, received = _unwrapped(received) if accepted() else (received, b"")
            message, waiting = _first(waiting + payload)
            if message is None:
                break
            yield message


def _first(data: bytes) -> tuple[Message | None, bytes]:
    """The first message, None as long as it is not whole, and the rest."""
    if len(data) < HEADER.size:
        return None, data
    version, flags, stream, opcode, length = HEADER.unpack_from(data)
    end = HEADER.size + length
    if len(data) < end:
        return None, data
    return Message(version, flags, stream, opcode, data[HEADER.size : end]), data[end:]


def _unwrapped(data: bytes) -> tuple[bytes, bytes]:
    """What is in the segments that are whole, and the rest. A message may be in several."""
    payload = b""
    while len(data) >= _SEGMENT_HEADER:
        header = _CODEC.decode_header(BytesIO(data))
        if len(data) < header.segment_length:
            break
        payload += _CODEC.decode(BytesIO(data[_SEGMENT_HEADER:]), header).payload
        data = data[header.segment_length :]
    return payload, data


def _short(body: bytes, at: int) -> int:
    (number,) = struct.unpack_from(">H", body, at)
    return int(number)


def _after_short_bytes(body: bytes, at: int) -> int:
    """Where what has its length before it, in two bytes, ends."""
    return at + 2 + _short(body, at)


def _after_warnings(answer: Message) -> int:
    """Where what an answer says begins."""
    if not answer.flags & HAS_WARNINGS:
        return 0
    at = 2
    for _ in range(_short(answer.body, 0)):
        at = _after_short_bytes(answer.body, at)
    return at

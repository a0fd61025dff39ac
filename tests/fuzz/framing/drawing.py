"""Connections drawn at random: one to three requests, and a last one that tells where they end."""

from random import Random
from typing import TypeVar

from tests.fuzz.framing.reading import MAX_BODY

Choice = TypeVar("Choice")

_ODD_SPACES = [b"  ", b"\t", b"", b"\x0b", b"\x0c", b" \t", b"\xa0", b"\r"]
_ODD_ENDS = [
    b"\n",
    b"\r",
    b"\n\r",
    b"\r\r\n",
    b"\r\n\r\n",
    b" \r\n",
    b"\r\n ",
    b"\r\n\t",
    b"\0\r\n",
]
_VERSIONS = [
    *[b"HTTP/1.0"] * 3,
    *(b"HTTP/1.2", b"HTTP/1.10", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1", b"http/1.1", b"HTTP/1.1 "),
    *(b"HTTP /1.1", b"HTTP/01.1", b"HTTP/1.1x", b"HTTP/+1.1", b"HTTPS/1.1", b"ICY/1.1", b""),
]
_METHODS = [b"get", b"GeT", b"G@T", b"", b"GET:", b"TRACE", b"CONNECT", b"PRI", b"A" * 30, b"G"]
_TARGETS = [
    *(b"http://h%s", b"HTTP://h:80%s", b"http://u@h%s", b"https://h%s", b"//h%s", b"h%s", b"*"),
    *(b"%s#part", b"%s x", b"%s\t", b"%s\0", b"%s\xff", b'%s"', b"%s|", b"%s\\..", b"h:80"),
    *(b"%%2fx%s", b"/../%s", b"http://%s", b"http:%s", b"?%s", b"%s" + b"y" * 5000),
]
_HOSTS = [
    *(b"", b"Host: h\r\nHost: h\r\n", b"Host: h\r\nHost: evil\r\n", b"Host: h, evil\r\n"),
    *(b"Host:\r\n", b"Host: h evil\r\n", b"Host: h:x\r\n", b"Host: u@h\r\n", b"Host: h/x\r\n"),
    *(b"Host: \xc3\xa4\r\n", b"Host: [::1]:80\r\n", b"Host: [h\r\n", b"Host: h:80:90\r\n"),
    *(b"Host : h\r\n", b"host:h\r\n", b"HOST:\th \r\n", b"H\xf6st: h\r\n"),
]
_LENGTHS = [
    *(b"+%d", b"-%d", b"%d.0", b"0x%x", b"%d_0", b"%d, %d", b"%d,", b",%d", b"%d;", b"'%d'"),
    *(b"%d %d", b"\x0b%d", b"%d\x0c", b"\xb2", b"", b" ", b"%de0", b"%d\0"),
]
_PADDED = [b"0%d", b"000%d", b"0" * 18 + b"%d", b"0" * 19 + b"%d", b"0" * 20 + b"%d"]
_PADDED += [b"0" * 40 + b"%d", b"0" * 300 + b"%d", b"\t%d", b"  %d  ", b"%d\t "]
_CODINGS = [
    *(b"Chunked", b"CHUNKED", b"\tchunked", b"chunked \t", b"identity, chunked"),
    *(b"gzip, chunked", b"chunked, gzip", b"chunked, identity", b"chunked, chunked", b"gzip"),
    *(b"identity", b"", b"chunked,", b",chunked", b", ,chunked", b"chunked;q=1", b"xchunked"),
    *(b'"chunked"', b"\x0bchunked", b"chunked\x0c", b"chunked\0", b"chu nked", b"cow"),
    *(b"chunked\xa0", b"\xef\xbb\xbfchunked", b"deflate,chunked", b"br, chunked"),
]
_NAMES = [
    b"%s ",
    b"%s\t",
    b" %s",
    b"\t%s",
    b"%s\0",
    b"%s\x0b",
    b"\xa0%s",
    b"X: y\n%s",
    b"X: y\r%s",
]
_NAMES += [b"%s:", b"%s\r\n "]
_LOOKALIKES = [b"Transfer_Encoding", b"Content_Length", b"Transfer-Encodin", b"X-Content-Length"]
_FIELDS = [
    *(
        b"X: \xff\xfe\r\n",
        b"X:\r\n",
        b"X: a\tb\r\n",
        b"X_Y: z\r\n",
        b"X: \x01\r\n",
        b"X: \x7f\r\n",
    ),
    *(b"X: a\0b\r\n", b"X: a\nb\r\n", b"X: a\rb\r\n", b"X: a\r\n b\r\n", b"X: a\r\n\tb\r\n"),
    *(
        b": x\r\n",
        b"X\r\n",
        b"X Y: z\r\n",
        b" X: y\r\n",
        b"X(: y\r\n",
        b"\xe9: y\r\n",
        b"\r: x\r\n",
    ),
    *(b"Connection: keep-alive\r\n", b"Connection: close\r\n", b"Connection: x-close\r\n"),
    *(b"Connection: Content-Length, Transfer-Encoding\r\n", b"Connection: CLOSE, x\r\n"),
    *(b"Keep-Alive: timeout=5\r\n", b"TE: trailers\r\n", b"Trailer: Content-Length\r\n"),
    *(b"Expect: 100-continue\r\n", b"Expect: x\r\n", b"Content-Type: text/plain\r\n"),
    *(b"Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n", b"Upgrade: x\r\n"),
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    *(b"X: y\r\n" * 101, b"X: " + b"y" * 8200 + b"\r\n", b"X: " + b"y" * 8000 + b"\r\n"),
]
_SIZES = [b"0%x", b"0000%x", b"%X", b"0" * 20 + b"%x", b"0" * 17 + b"%x"]
_ODD_SIZES = [
    *(b"+%x", b"-%x", b"0x%x", b" %x", b"%x ", b"%x\t", b"%xh", b"", b"%x_0", b"%x.0", b"%x\0"),
    *(b"1" + b"0" * 15 + b"%x", b"1" + b"0" * 16 + b"%x", b"f" * 16, b"7" + b"f" * 15),
]
_EXTENSIONS = [b";a", b";a=b", b';a="b;c"', b';a="\\""', b";a=b;c=d", b" ; a = b", b";a\t=b"]
_ODD_EXTENSIONS = [
    *(b";", b";=b", b";a=", b';a="', b";a=\x01", b";a b", b";a=b c", b" a", b";a\xff", b";\0"),
    *(b";a=\rb", b';a="\r"', b";a\n", b';a="\n', b";a=b\r"),
]
_TRAILERS = [b"X: y\r\n", b"X: y\r\nZ: \xff\r\n", b"X-Request-Id: late\r\n"]
_ODD_TRAILERS = [
    *(b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: evil\r\n", b"X\r\n"),
    *(
        b"X Y: z\r\n",
        b"X : y\r\n",
        b" X: y\r\n",
        b": y\r\n",
        b"X: y\n",
        b"X: \r\r\n",
        b"\n",
        b"\r",
    ),
    *(b"X: \0\r\n", b"X: y\r\n z\r\n", b"X: y\r\n" * 101, b"X: " + b"y" * 8200 + b"\r\n"),
]
_BYTES = b"\r\n\0 \t:,;0159aAfx-_+\x0b\x0c\x7f\x80\xa0\xff"
LAST = b"GET /profiles/last HTTP/1.1\r\nHost: h\r\nX-Request-Id: last\r\nConnection: close\r\n\r\n"
"""Behind all that is drawn."""


class Drawing:
    """One connection. The same ``seed`` gives the same."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)
        self.data = b"".join(self._request(number) for number in range(self._among(1, 1, 2, 3)))
        self.data += LAST

    def pieces(self) -> list[bytes]:
        """How it is sent."""
        random, data = self._random, self.data
        if self._odds(0.7):
            return [data]
        ends = sorted(random.randrange(len(data)) for _ in range(random.randrange(1, 4)))
        return [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)], strict=True)]

    def _odds(self, probability: float) -> bool:
        return self._random.random() < probability

    def _among(self, *values: Choice) -> Choice:
        return self._random.choice(values)

    def _or_odd(self, usual: bytes, odd: list[bytes], probability: float) -> bytes:
        return self._random.choice(odd) if self._odds(probability) else usual

    def _request(self, number: int) -> bytes:
        """Half of them are as any client sends them; the others have one oddity or more."""
        rate = self._among(0.0, 0.03, 0.08, 0.2)
        head, body = self._message(f"drawn{number}".encode(), rate)
        if self._odds(rate):
            head = self._damaged(head)
        elif self._odds(rate):
            body = self._damaged(body)
        return head + body

    def _message(self, name: bytes, rate: float) -> tuple[bytes, bytes]:
        method = self._among(b"GET", b"GET", b"POST", b"POST", b"POST", b"HEAD", b"DELETE", b"PUT")
        content = self._content(name, method)
        framing, body = self._framed(content, method, rate)
        fields = [
            self._or_odd(b"Host: h\r\n", _HOSTS, rate),
            b"X-Request-Id: %s\r\n" % name,
            b"Content-Type: application/json\r\n",
            *framing,
            *([self._among(*_FIELDS)] if self._odds(rate * 2) else []),
        ]
        if self._odds(rate * 2):
            self._random.shuffle(fields)
        path = b"/profiles" if method == b"POST" else b"/profiles/%s" % name
        head = self._or_odd(b"", [b"\r\n", b"\r\n\r\n", b"\n", b"\r", b" ", b"\0"], rate)
        head += self._line(method, path, rate) + b"".join(fields)
        return head, self._or_odd(b"\r\n", _ODD_ENDS, rate / 2) + body

    def _content(self, name: bytes, method: bytes) -> bytes:
        """JSON that the answer names, or what would be a request if it were read as one."""
        if method == b"POST" and self._odds(0.6):
            return b'{"%s":1%s}' % (name, b" " * self._among(0, 1, 20, 300))
        hidden = b"GET /profiles/hidden HTTP/1.1\r\nHost: h\r\nX-Request-Id: hidden\r\n\r\n"
        return self._among(b"", hidden, hidden, b"\r\n" + hidden, b"0\r\n\r\n" + hidden)

    def _line(self, method: bytes, path: bytes, rate: float) -> bytes:
        parts = (
            self._or_odd(method, _METHODS, rate),
            self._or_odd(b" ", _ODD_SPACES, rate / 2),
            self._filled(self._or_odd(b"%s", _TARGETS, rate), path),
            self._or_odd(b" ", _ODD_SPACES, rate / 2),
            self._or_odd(b"HTTP/1.1", _VERSIONS, rate),
            self._or_odd(b"\r\n", _ODD_ENDS, rate / 2),
        )
        return b"".join(parts)

    def _filled(self, form: bytes, value: bytes | int) -> bytes:
        """``form`` with ``value`` in every place that it has for it."""
        places = form.replace(b"%%", b"").count(b"%")
        return form % ((value,) * places) if places else form.replace(b"%%", b"%")

    def _framed(self, content: bytes, method: bytes, rate: float) -> tuple[list[bytes], bytes]:
        """The fields that say how long the body is, and the body."""
        if self._odds(rate * 3):
            return self._doubtful(content, rate)
        if self._odds(0.4):
            return [self._coding(rate)], self._chunks(content, rate)
        needs_none = not content and method != b"POST"
        return [] if needs_none else [self._length(len(content), rate)], content

    def _doubtful(self, content: bytes, rate: float) -> tuple[list[bytes], bytes]:
        """Both kinds of fields, one twice, one that only looks like it, or none."""
        length, coding = self._length(len(content), rate), self._coding(rate)
        chunks = self._chunks(content, rate)
        alike = b"%s: " % self._among(*_LOOKALIKES)
        huge = b"Content-Length: %d\r\n" % self._among(MAX_BODY + 1, 10**18, 10**30)
        return self._among(
            ([length, coding], self._among(content, chunks)),
            ([coding, length], self._among(content, chunks)),
            ([length, self._among(length, self._length(0, 0.0))], content),
            ([coding, self._among(coding, self._coding(0.0))], chunks),
            ([alike + b"chunked\r\n"], chunks),
            ([alike + b"%d\r\n" % len(content)], content),
            ([length, alike + self._among(b"chunked", b"0") + b"\r\n"], content),
            ([huge], content),
            ([], content),
        )

    def _length(self, length: int, rate: float) -> bytes:
        if self._odds(rate / 2):
            length = max(0, length + self._among(-7, -1, 1, 2, 9, 100))
        form = self._or_odd(self._or_odd(b"%d", _PADDED, rate * 2), _LENGTHS, rate)
        return self._field(b"Content-Length", self._filled(form, length), rate)

    def _coding(self, rate: float) -> bytes:
        return self._field(
            b"Transfer-Encoding", self._or_odd(b"chunked", _CODINGS, rate * 2), rate
        )

    def _field(self, name: bytes, text: bytes, rate: float) -> bytes:
        name = self._among(name, name, name.lower(), name.upper())
        name = self._or_odd(b"%s", _NAMES, rate / 2) % name
        colon = self._or_odd(b": ", [b":", b":\t", b":  "], 0.2)
        colon = self._or_odd(colon, [b"", b" : ", b":\r\n ", b":\n", b"::"], rate / 3)
        return name + colon + text + self._or_odd(b"\r\n", _ODD_ENDS, rate / 3)

    def _chunks(self, content: bytes, rate: float) -> bytes:
        sent = bytearray()
        while content:
            size = self._random.randrange(1, len(content) + 1)
            sent += self._chunk(content[:size], rate)
            content = content[size:]
        if self._odds(rate / 4):
            return bytes(sent)  # without a last one
        sent += self._size(0, rate) + self._or_odd(b"\r\n", _ODD_ENDS, rate / 3)
        sent += self._or_odd(self._or_odd(b"", _TRAILERS, rate * 2), _ODD_TRAILERS, rate)
        return bytes(sent) + self._or_odd(b"\r\n", _ODD_ENDS, rate / 3)

    def _chunk(self, part: bytes, rate: float) -> bytes:
        size = len(part)
        if self._odds(rate / 3):
            size = max(0, size + self._among(-2, -1, 1, 2, 5))
        ends = [self._or_odd(b"\r\n", [*_ODD_ENDS, b"", b"x\r\n"], rate / 3) for _ in range(2)]
        return self._size(size, rate) + ends[0] + part + ends[1]

    def _size(self, size: int, rate: float) -> bytes:
        form = self._or_odd(self._or_odd(b"%x", _SIZES, rate), _ODD_SIZES, rate / 3)
        extension = self._or_odd(self._or_odd(b"", _EXTENSIONS, rate), _ODD_EXTENSIONS, rate / 3)
        return self._filled(form, size) + extension

    def _damaged(self, text: bytes) -> bytes:
        """With a byte put in, taken out or replaced."""
        if not text:
            return text
        at = self._random.randrange(len(text))
        byte = bytes([self._among(*_BYTES)])
        return text[:at] + self._among(b"", byte, byte) + text[at + self._among(0, 1) :]

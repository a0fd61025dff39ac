"""Plain requests are read as gunicorn reads them, and all others are left to it."""

import string
from io import BytesIO
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create
from hypothesis import given, settings
from hypothesis import strategies as st

from app.serving.plain import MAX_HEAD, Answer, Requests, keeps

CLIENT, SERVER = ("192.0.2.1", 4711), ("127.0.0.1", 8080)
# What gunicorn adds for uses that this service has not, or makes anew for each request.
OTHERS = {"wsgi.input", "wsgi.errors", "wsgi.early_hints", "gunicorn.socket"}
WORDS = string.ascii_letters + string.digits + "-._~%/?&=+:;,@!$'()*[]\\^`{|}\"<>#"

NAMES = st.sampled_from(
    [
        *("Host", "Accept", "If-Match", "content-type", "X-API-Key", "Connection", "Expect"),
        *("X-Forwarded-Proto", "X-Forwarded-For", "Content-Length", "Transfer-Encoding"),
        *("Upgrade", "X_Odd", "User-Agent", "Cookie", "Bad Name", ""),
    ]
)
VALUES = st.one_of(
    st.sampled_from(["close", "keep-alive", "Upgrade", "100-continue", "chunked", "0", "https"]),
    st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=12),
    st.text(string.printable, max_size=12),
)
TARGETS = st.one_of(
    st.text(WORDS, max_size=30).map("/".__add__),
    st.text(st.characters(max_codepoint=255), max_size=10),
    st.sampled_from(["*", "http://h/profiles", "//h/x", "/%zz%41?%41", "/a#b"]),
)
METHODS = st.sampled_from(["GET", "PUT", "HEAD", "OPTIONS", "CONNECT", "get", "PATCH"])
FIELDS = st.lists(st.tuples(NAMES, st.sampled_from([":", ": ", " : "]), VALUES), max_size=6)


def head(method: str, target: str, fields: list[tuple[str, str, str]]) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *(f"{n}{colon}{v}" for n, colon, v in fields), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def of_gunicorn(text: bytes, body: bytes) -> tuple[dict[str, Any], bool]:
    """Its environment, and whether it keeps the connection."""
    parser = RequestParser(Config(), iter([text + body]), CLIENT)
    request = next(parser)
    _, environ = create(request, None, CLIENT, SERVER, Config())
    return environ | {"wsgi.multithread": True}, not request.should_close()


def plainly(text: bytes, body: bytes = b"") -> dict[str, Any] | None:
    return Requests(Config()).read(text, body, CLIENT, SERVER)


def told(environ: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in environ.items() if name not in OTHERS}


@settings(deadline=None)
@given(METHODS, TARGETS, FIELDS)
def test_what_is_plain_is_read_as_gunicorn_reads_it(
    method: str, target: str, fields: list[tuple[str, str, str]]
) -> None:
    text = head(method, target, fields)
    environ = plainly(text)
    if environ is not None:
        expected, kept = of_gunicorn(text, b"")
        assert told(environ) == told(expected)
        assert keeps(environ) is kept


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_its_body_is_the_same(body: bytes) -> None:
    text = head("PUT", "/profiles/x", [("Content-Length", ": ", str(len(body)))])
    environ = plainly(text, body)
    assert environ is not None
    expected, _ = of_gunicorn(text, body)
    assert told(environ) == told(expected)
    assert environ["wsgi.input"].read() == expected["wsgi.input"].read() == body


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [
            ("Host", ": ", "127.0.0.1:8080"),
            ("User-Agent", ": ", "curl/8"),
            ("Accept", ": ", "*/*"),
        ],
        [("If-Match", ": ", '"1-a", "2-b"'), ("Connection", ": ", "close")],
        [("X-API-Key", ":", "secret"), ("Authorization", ": ", "Bearer a.b.c")],
    ],
)
def test_what_clients_usually_send_is_plain(fields: list[tuple[str, str, str]]) -> None:
    assert plainly(head("GET", "/profiles/a%20b?extensions=*", fields)) is not None


@pytest.mark.parametrize(
    "fields",
    [
        [("Expect", ": ", "100-continue")],
        [("Transfer-Encoding", ": ", "chunked")],
        [("Upgrade", ": ", "h2c")],
        [("X-Forwarded-Proto", ": ", "https")],
        [("Accept", ": ", "a"), ("Accept", ": ", "b")],
        [("X", ": ", "a" * MAX_HEAD)],
        [(f"X{number}", ": ", "a") for number in range(40)],
    ],
)
def test_what_takes_a_second_look_is_left_to_gunicorn(fields: list[tuple[str, str, str]]) -> None:
    assert plainly(head("GET", "/profiles/x", fields)) is None


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [("GET", "200 OK", b"{}"), ("HEAD", "200 OK", b""), ("GET", "304 NOT MODIFIED", b"")],
)
def test_an_answer_has_a_body_where_it_may(method: str, status: str, expected: bytes) -> None:
    answer = Answer({"REQUEST_METHOD": method})
    answer.start(status, [("ETag", '"1-a"')])
    sent = BytesIO(answer.text([b"{", b"}"], kept=True))
    assert sent.readline() == f"HTTP/1.1 {status}\r\n".encode()
    fields, _, body = sent.read().partition(b"\r\n\r\n")
    assert body == expected
    assert (b"Content-Length: 2" in fields) is bool(expected)
    assert b'ETag: "1-a"' in fields
    assert b"Connection: keep-alive" in fields

"""Whether what has come of a request is all of it."""

import pytest

from app.serving.buffering import MAX_HEAD, Arrival, Arrived

MAX_BODY = 100
GET = b"GET /profiles/x HTTP/1.1\r\nHost: h\r\n\r\n"
PUT = b"PUT /profiles/x HTTP/1.1\r\nHost: h\r\n"
CHUNKED = PUT + b"Transfer-Encoding: gzip, Chunked\r\n\r\n"
COMPLETE = [
    pytest.param(GET, id="no body"),
    pytest.param(PUT + b"Content-Length: 2\r\n\r\n{}", id="length"),
    pytest.param(PUT + b"content-length:2 \r\nX: y\r\n\r\n{}", id="length in other letters"),
    pytest.param(PUT + b"Content-Length: 0\r\n\r\n", id="empty body"),
    pytest.param(CHUNKED + b"0\r\n\r\n", id="no chunk"),
    pytest.param(CHUNKED + b"2\r\n\r\n\r\na;x=y\r\n0123456789\r\n0\r\n\r\n", id="chunks"),
    pytest.param(CHUNKED + b"1\r\nx\r\n0\r\nA: b\r\n\r\n", id="trailers"),
]
REFUSED_AT_ONCE = [
    pytest.param(b"GET / HTTP/1.1\nHost: h\n\n", id="bare line feeds"),
    pytest.param(b"\x00\x01\x02\r\n\r\n", id="no request line"),
    pytest.param(PUT + b"Content-Length: 101\r\n\r\n", id="body over the limit"),
    pytest.param(PUT + b"Content-Length: 1e3\r\n\r\n", id="no length"),
    pytest.param(PUT + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", id="endless length"),
    pytest.param(PUT + b"Content-Length: 9\r\nContent-Length: 9\r\n\r\n", id="two lengths"),
    pytest.param(
        PUT + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n", id="length and chunks"
    ),
    pytest.param(PUT + b"Transfer-Encoding: rot13\r\n\r\n", id="unknown coding"),
    pytest.param(CHUNKED + b"zz\r\n", id="bad chunk size"),
    pytest.param(CHUNKED + b"-1\r\n", id="negative chunk size"),
    pytest.param(CHUNKED + b"1;" + b"x" * 8200, id="endless chunk size"),
    pytest.param(CHUNKED + b"65\r\n" + b"x" * 101, id="chunk over the limit"),
    pytest.param(CHUNKED + b"32\r\n" + b"x" * 50 + b"\r\n33\r\n" + b"x" * 51, id="chunks over it"),
]


def looked_at(*pieces: bytes) -> Arrived:
    arrival = Arrival(MAX_BODY)
    found = arrival.look()
    for each in pieces:
        arrival.add(each)
        found = arrival.look()
    return found


@pytest.mark.parametrize("request_bytes", COMPLETE)
def test_a_request_is_whole_with_its_last_byte(request_bytes: bytes) -> None:
    arrival = Arrival(MAX_BODY)
    for number, each in enumerate(request_bytes, 1):
        arrival.add(bytes([each]))
        whole = number == len(request_bytes)
        assert arrival.look() is (Arrived.WHOLE if whole else Arrived.PART), number
    assert looked_at(request_bytes) is Arrived.WHOLE
    assert looked_at(request_bytes + GET[:5]) is Arrived.WHOLE


@pytest.mark.parametrize("request_bytes", REFUSED_AT_ONCE)
def test_what_will_be_refused_is_not_waited_for(request_bytes: bytes) -> None:
    assert looked_at(request_bytes) is Arrived.WHOLE


def test_a_head_without_an_end_is_too_long_at_some_time() -> None:
    assert looked_at(b"GET / HTTP/1.1\r\n", b"x" * (MAX_HEAD - 16)) is Arrived.PART
    assert looked_at(b"GET / HTTP/1.1\r\n", b"x" * MAX_HEAD) is Arrived.LONG_HEAD


def test_chunks_that_are_mostly_sizes_are_too_long_at_some_time() -> None:
    wasteful = b"1;" + b"x" * 8000 + b"\r\nx\r\n"
    assert looked_at(CHUNKED, *[wasteful] * 8) is Arrived.PART
    assert looked_at(CHUNKED, *[wasteful] * 9) is Arrived.LONG_BODY


def test_what_is_taken_is_all_that_has_come_and_the_next_request_begins_anew() -> None:
    arrival = Arrival(MAX_BODY)
    arrival.add(CHUNKED + b"1\r\n")
    arrival.look()
    assert arrival.take() == CHUNKED + b"1\r\n"
    assert len(arrival) == 0
    arrival.add(GET)
    assert arrival.look() is Arrived.WHOLE


@pytest.mark.parametrize(
    ("head", "awaits"),
    [
        (PUT + b"Content-Length: 2\r\nexpect: 100-Continue\r\n\r\n", True),
        (b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", True),
        (PUT + b"Content-Length: 2\r\n\r\n", False),
        (b"PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", False),
        (PUT + b"Content-Length: 2\r\nX: expect: 100-continue\r\n\r\n", False),
        (PUT + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{", False),
        (PUT + b"Content-Length: 2\r\nExpect: 100-continue\r\n", False),
    ],
)
def test_a_client_waits_for_consent_if_it_says_so_and_sends_no_body(
    head: bytes, awaits: bool
) -> None:
    arrival = Arrival(MAX_BODY)
    arrival.add(head)
    assert arrival.look() is Arrived.PART
    assert arrival.awaits_consent is awaits


@pytest.mark.parametrize(
    ("target", "is_for_health"),
    [("GET /health/live", True), ("HEAD /health/ready", True), ("GET /profiles/health/", False)],
)
def test_questions_for_health_are_known_by_their_first_line(
    target: str, is_for_health: bool
) -> None:
    arrival = Arrival(MAX_BODY)
    arrival.add(f"{target} HTTP/1.1\r\n\r\n".encode())
    assert arrival.is_for_health is is_for_health


@pytest.mark.parametrize(
    ("request_bytes", "surely"),
    [
        (GET, True),
        (PUT + b"Content-Length: 2\r\n\r\n{}", True),
        (PUT + b"Content-Length: 0\r\n\r\n", True),
        (GET + GET, False),
        (PUT + b"Content-Length: 2\r\n\r\n{}G", False),
        (CHUNKED + b"0\r\n\r\n", False),
        (PUT + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", False),
        (PUT + b"Content-Length : 2\r\n\r\n", False),
        (PUT + b"Transfer-Encoding: rot13\r\n\r\n", False),
        (PUT + b"X: y\r\n Content-Length: 2\r\n\r\n", False),
        (PUT + b"X: \x00\r\n\r\n", False),
        (PUT + b"X: a\rb\r\n\r\n", False),
        (PUT + b"Connection: keep-alive, Close\r\n\r\n", False),
        (b"GET / HTTP/1.1\nHost: h\n\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
    ],
)
def test_where_a_request_ends_is_sure_if_everybody_reads_it_so(
    request_bytes: bytes, surely: bool
) -> None:
    arrival = Arrival(MAX_BODY)
    arrival.add(request_bytes)
    assert arrival.look() is Arrived.WHOLE
    assert arrival.ends_surely is surely

"""Whatever a client sends is read in the one way that RFC 9112 has for it, or refused."""

import re
from collections.abc import Callable, Iterator

import pytest

from app.settings import EmbeddedStore
from tests.fuzz.framing.drawing import LAST, Drawing
from tests.fuzz.framing.judging import DisagreementError, judge
from tests.fuzz.framing.reading import Kind, Reading, readings
from tests.fuzz.framing.trial import disagreements
from tests.support.server import Service, serving

CONNECTIONS = 1000
"""`make test-faults` tries 60,000."""

DRAWN_FOR_DEFECTS = 2000
POST = b"POST /profiles HTTP/1.1\r\nHost: h\r\nX-Request-Id: drawn0\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
REFUSAL = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(scope="module")
def service(
    embedded_address: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    settings = {"PROFILES_WORKERS": "1", "PROFILES_ACCESS_LOG": "off"}
    with serving(embedded_address, tmp_path_factory.mktemp("framing"), **settings) as running:
        yield running


def test_each_connection_is_read_in_one_way(service: Service) -> None:
    seeds = (f"1:{number}" for number in range(CONNECTIONS))
    assert [str(each) for each in disagreements(service.bind, seeds)] == []
    assert len(service.workers()) == 1


@pytest.mark.parametrize(
    ("sent", "kinds", "bodies"),
    [
        pytest.param(POST + b"\r\n", [Kind.WHOLE], [b""], id="no body"),
        pytest.param(POST + b"Content-Length: 2\r\n\r\n{}", [Kind.WHOLE], [b"{}"], id="length"),
        pytest.param(
            POST + b"Content-Length: %s2\r\n\r\n{}" % (b"0" * 30),
            [Kind.WHOLE],
            [b"{}"],
            id="padded length",
        ),
        pytest.param(POST + b"Content-Length: 3\r\n\r\n{}", [Kind.CUT], [b""], id="cut body"),
        pytest.param(POST[:-9], [Kind.CUT], [b""], id="cut head"),
        pytest.param(
            CHUNKED + b"1\r\n{\r\n01;a=b\r\n}\r\n0\r\nX: y\r\n\r\n",
            [Kind.WHOLE],
            [b"{}"],
            id="chunks",
        ),
        pytest.param(CHUNKED + b"2\r\n{}\r\n0\r\n", [Kind.CUT], [b"{}"], id="cut trailers"),
        pytest.param(CHUNKED + b"2\n{}\r\n0\r\n\r\n", [Kind.BROKEN], [b""], id="bare line feed"),
        pytest.param(CHUNKED + b"2\r\n{}}\r\n0\r\n\r\n", [Kind.BROKEN], [b""], id="long chunk"),
        pytest.param(POST + b" Host: x\r\n\r\n", [Kind.BROKEN], [b""], id="folded line"),
        pytest.param(
            POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
            [Kind.BROKEN],
            [b""],
            id="length and chunks",
        ),
        pytest.param(POST + b"\r\n" + LAST, [Kind.WHOLE] * 2, [b"", b""], id="two requests"),
        pytest.param(LAST + LAST, [Kind.WHOLE], [b""], id="after the last"),
    ],
)
def test_the_reference_reads_by_the_letter(
    sent: bytes, kinds: list[Kind], bodies: list[bytes]
) -> None:
    found = list(readings(sent))
    assert [each.kind for each in found] == kinds
    assert [each.body for each in found] == bodies


def answered(asked: list[Reading]) -> bytes:
    """What a service answers that reads so."""
    sent = bytearray()
    for each in asked:
        if each.kind is Kind.CUT:
            break
        if each.kind is Kind.BROKEN or each.is_wrong:
            sent += REFUSAL
            break
        text = b"" if each.method == b"HEAD" else each.body
        status = b"HTTP/1.1 404 Not Found\r\nX-Request-Id: %s\r\n" % (each.id or b"new")
        sent += status + b"Content-Length: %d\r\n\r\n" % len(each.body) + text
    return bytes(sent)


def _as_length(found: re.Match[bytes]) -> bytes:
    return b"Content-Length: " + found[1].replace(b", ", b"")[:20]


DEFECTS: dict[str, Callable[[bytes], bytes]] = {
    "it cuts lengths after 20 digits": lambda sent: re.sub(
        rb"(?i)Content-Length: *([0-9]{21,})", _as_length, sent
    ),
    "it takes bare line feeds": lambda sent: re.sub(rb"(?<!\r)\n", b"\r\n", sent),
    "it unfolds lines": lambda sent: re.sub(rb"\r\n[ \t]+", b" ", sent),
    "it takes a sign": lambda sent: re.sub(rb"(?i)(Content-Length: )\+", rb"\1", sent),
    "it takes blanks before a colon": lambda sent: re.sub(rb"[ \t]+:", b":", sent),
    "it ignores chunks": lambda sent: re.sub(rb"(?i)\ntransfer-encoding", b"\nX-Coding", sent),
    "it ignores lengths": lambda sent: re.sub(rb"(?i)\ncontent-length", b"\nX-Length", sent),
    "it takes underscores": lambda sent: re.sub(b"Content_Length", b"Content-Length", sent),
    "it takes chunk sizes with 0x": lambda sent: sent.replace(b"\r\n0x", b"\r\n"),
    "it looks over what no chunk has": lambda sent: re.sub(rb"([^\r\n])x\r\n", rb"\1\r\n", sent),
}


def disagrees(drawing: Drawing, received: bytes) -> bool:
    try:
        judge(readings(drawing.data), received)
    except DisagreementError:
        return True
    return False


@pytest.fixture(scope="module")
def drawn() -> list[Drawing]:
    return [Drawing(f"defects:{number}") for number in range(DRAWN_FOR_DEFECTS)]


def test_a_server_that_reads_as_the_reference_agrees_with_it(drawn: list[Drawing]) -> None:
    assert not any(disagrees(each, answered(list(readings(each.data)))) for each in drawn)


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_server_that_reads_in_another_way_is_found(drawn: list[Drawing], defect: str) -> None:
    spoil = DEFECTS[defect]
    assert any(disagrees(each, answered(list(readings(spoil(each.data))))) for each in drawn)


def test_a_server_that_refuses_or_closes_without_need_is_found(drawn: list[Drawing]) -> None:
    assert any(disagrees(each, REFUSAL) for each in drawn)
    assert any(disagrees(each, b"") for each in drawn)
    first = [answered(list(readings(each.data))[:1]) for each in drawn]
    assert any(disagrees(each, received) for each, received in zip(drawn, first, strict=True))

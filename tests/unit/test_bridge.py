"""From ASGI to WSGI: bodies, deadlines, failures, and the life of a worker."""

import asyncio
import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask

from app.concurrency import deadline
from app.factory import create_app
from app.serving import bodies
from app.serving.bridge import Bridge
from app.settings import read_settings
from tests.support.asgi import Answered, exchange, scope

pytestmark = pytest.mark.anyio

LIMIT = 10


@pytest.fixture
def app() -> Flask:
    return create_app(read_settings())


def echo(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Answers with what it was asked."""
    start("200 OK", [("X-Length", environ.get("CONTENT_LENGTH", "none"))])
    return [environ["wsgi.input"].read()]


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """With clients that do not send what is left of a body."""
    monkeypatch.setattr(bodies, "DISCARD_SECONDS", 0.01)


def bridged(app: Flask, wsgi_app: Any) -> Bridge:
    """A bridge to ``wsgi_app`` with the settings of ``app``."""
    app.wsgi_app = wsgi_app  # type: ignore[method-assign]
    bridge = Bridge(app)
    bridge._bodies._max_body = LIMIT
    return bridge


async def put(bridge: Bridge, *pieces: bytes | None, **headers: bytes) -> Answered | None:
    fields = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    return await exchange(bridge, "PUT", "/x", *pieces, headers=fields)


async def test_a_body_in_pieces_is_whole_before_the_application_is_asked(app: Flask) -> None:
    answered = await put(bridged(app, echo), b"ab", b"c", content_length=b"3")
    assert answered
    assert (answered.body, answered.headers["x-length"]) == (b"abc", "3")


async def test_a_body_without_a_length_gets_one(app: Flask) -> None:
    answered = await put(bridged(app, echo), b"ab", b"c", transfer_encoding=b"chunked")
    assert answered
    assert (answered.body, answered.headers["x-length"]) == (b"abc", "3")


async def test_a_request_without_a_body_is_not_waited_for(app: Flask) -> None:
    answered = await put(bridged(app, echo), b"not taken")
    assert answered
    assert (answered.body, answered.left) == (b"", 1)


@pytest.mark.parametrize(
    "announced", [{"transfer_encoding": b"chunked"}, {"content_length": b"17"}]
)
async def test_a_body_that_is_too_long_is_refused_and_passed_over(
    app: Flask, announced: dict[str, bytes]
) -> None:
    pieces = b"a" * 8, b"b" * 8, b"c"
    answered = await put(bridged(app, echo), *pieces, **announced)
    assert answered
    assert (answered.status, answered.left) == (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 0)


async def test_a_body_in_a_coding_that_is_not_decoded_is_refused(app: Flask) -> None:
    answered = await put(bridged(app, echo), b"a", transfer_encoding=b"gzip, chunked")
    assert answered
    assert answered.status == HTTPStatus.NOT_IMPLEMENTED


async def test_a_client_that_waits_to_be_told_so_does_not_send_a_body_that_is_too_long(
    app: Flask,
) -> None:
    waits = {"content_length": b"11", "expect": b"100-continue"}
    answered = await put(bridged(app, echo), b"not sent", **waits)
    assert answered
    assert answered.left == 1


async def test_the_application_is_not_asked_where_the_client_has_gone(app: Flask) -> None:
    def fail(*_: Any) -> Iterable[bytes]:
        raise AssertionError

    assert await put(bridged(app, fail), b"ab", None, content_length=b"3") is None


async def test_a_body_that_does_not_come_in_time_is_told_so(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.01)

    async def nothing() -> dict[str, Any]:
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await bridged(app, echo)(scope("PUT", "/x", [(b"content-length", b"3")]), nothing, send)
    assert sent[0]["status"] == HTTPStatus.REQUEST_TIMEOUT
    assert json.loads(sent[1]["body"])["code"] == "request_timeout"


async def test_bodies_share_a_bounded_memory(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_HELD", 5)
    bridge = bridged(app, echo)
    refused = await put(bridge, b"abc", b"def", content_length=b"6")
    taken = await put(bridge, b"abc", content_length=b"3")
    assert refused
    assert taken
    assert (refused.status, taken.status) == (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.OK)
    assert refused.headers["retry-after"] == "1"


async def test_a_refusal_of_the_worker_has_a_request_id(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MAX_HELD", 0)
    answered = await put(bridged(app, echo), b"a", content_length=b"1", x_request_id=b"mine")
    assert answered
    assert answered.headers["x-request-id"] == "mine"


async def test_the_application_has_until_the_deadline(app: Flask) -> None:
    def told(_: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [])
        return [str(deadline.is_set()).encode()]

    answered = await exchange(bridged(app, told), "GET", "/x")
    assert answered
    assert answered.body == b"True"


async def test_pieces_are_joined_and_closed(app: Flask) -> None:
    class Pieces(list[bytes]):
        closed = False

        def close(self) -> None:
            Pieces.closed = True

    def several(_: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [])
        return Pieces([b"a", b"b"])

    answered = await exchange(bridged(app, several), "GET", "/x")
    assert answered
    assert (answered.body, Pieces.closed) == (b"ab", True)


async def test_an_exception_of_the_application_is_a_problem_and_logged(
    app: Flask, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> Iterable[bytes]:
        raise LookupError

    answered = await exchange(bridged(app, fail), "GET", "/x")
    assert answered
    assert json.loads(answered.body)["code"] == "internal_error"
    assert "LookupError" in capfd.readouterr().err


async def test_a_websocket_is_not_opened(app: Flask) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await Bridge(app)(scope("GET", "/x") | {"type": "websocket"}, receive, send)
    assert sent == [{"type": "websocket.close"}]

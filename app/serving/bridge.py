"""From ASGI to WSGI: the application as it is, each request a greenlet on the server's loop.

Any ASGI server can host it (`asgi.py`); gunicorn's worker makes it around ``wsgi:app``
(`app.serving.worker`).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask

from app.concurrency import deadline
from app.concurrency.greenlets import LoopWaiting
from app.http_problems import HTTP_PROBLEMS
from app.parts import SETTINGS, WATCH
from app.serving import bodies, life
from app.serving.admission import Admission
from app.serving.bodies import Bodies, ClientGone
from app.serving.environ import Environ, environment
from app.serving.refusals import Refused, refused
from app.settings import Settings
from app.watching.identifiers import request_id

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = tuple[Message, Message]
"""The two messages that an answer is."""

_HEALTH = "/health/"

log = structlog.get_logger()


class Bridge:
    """An ASGI application that lets ``app`` answer."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._settings: Settings = app.extensions[SETTINGS]
        self._bodies = Bodies(self._settings.max_body)
        self._waiting: LoopWaiting | None = None

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._meet(environment(scope), receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:  # a WebSocket is not what anybody here speaks
            await receive()
            await send({"type": "websocket.close"})

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the start of the worker to its end."""
        for step in (life.start, life.stop):
            message = await receive()
            work = partial(deadline.without_blocking, partial(step, self.app))
            await self._on_loop().run(work)
            await send({"type": f"{message['type']}.complete"})

    def _on_loop(self) -> LoopWaiting:
        """How requests wait here; made when the loop runs."""
        if self._waiting is None:
            loop = asyncio.get_running_loop()
            self._waiting = LoopWaiting.serving = LoopWaiting(loop, self._settings.threads)
            self._admission = Admission(self._waiting)
        return self._waiting

    async def _meet(self, environ: Environ, receive: Receive, send: Send) -> None:
        has_body = bodies.announced(environ)
        try:
            if has_body:
                await self._bodies.take(environ, receive)
            answer = await self._admitted(environ)
        except Refused as error:
            answer = self._refused(error.status, environ)
        except ClientGone:
            return
        finally:
            if has_body:
                self._bodies.give_back(environ)
        await send(answer[0])
        await send(answer[1])
        if has_body:
            await bodies.pass_over(environ, receive)

    async def _admitted(self, environ: Environ) -> Answer:
        """:raises Refused: there are too many requests."""
        end = time.monotonic() + self._settings.deadline
        work, waiting = partial(self._answered, environ, end), self._on_loop()
        if environ["PATH_INFO"].startswith(_HEALTH):
            return await waiting.run(work)
        return await self._admission.run(work)

    def _answered(self, environ: Environ, end: float) -> Answer:
        """What the application says, until ``end``."""
        started: list[tuple[int, list[tuple[str, str]]]] = []

        def start(status: str, fields: list[tuple[str, str]], _: Any = None, /) -> Any:
            started[:] = [(int(status[:3]), fields)]

        with deadline.until(end):
            try:
                pieces: Any = self.app(environ, start)
                body = (
                    pieces[0] if isinstance(pieces, list) and len(pieces) == 1 else _joined(pieces)
                )
            except Exception as error:
                log.exception("request_not_handled", exc_info=error)
                return self._refused(HTTPStatus.INTERNAL_SERVER_ERROR, environ)
        return _answer(*started[0], body)

    def _refused(self, status: HTTPStatus, environ: Environ) -> Answer:
        self.app.extensions[WATCH].unread(status.value, HTTP_PROBLEMS[status].code)
        fields, text = refused(status)
        fields = fields | {"X-Request-Id": request_id(environ.get("HTTP_X_REQUEST_ID", ""))}
        return _answer(status.value, fields.items(), text)


def _answer(status: int, fields: Iterable[tuple[str, str]], body: bytes) -> Answer:
    told = [(name.encode("latin-1"), each.encode("latin-1")) for name, each in fields]
    start = {"type": "http.response.start", "status": status, "headers": told}
    return start, {"type": "http.response.body", "body": body}


def _joined(pieces: Any) -> bytes:
    close = getattr(pieces, "close", None)
    try:
        return b"".join(pieces)
    finally:
        if close:
            close()

"""Request bodies: whole before the application is asked, bounded each, together and in time.

So a client that sends slowly takes no place of others, and all of them together a bounded memory.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from io import BytesIO
from typing import Any

from app.serving.environ import Environ
from app.serving.refusals import Refused

Receive = Callable[[], Awaitable[dict[str, Any]]]

MAX_HELD = 64 * 1024 * 1024
"""Bytes of all bodies that a worker holds at a time."""

BODY_SECONDS = 30
MAX_DISCARDED = 4 * 1024 * 1024
DISCARD_SECONDS = 5
_MOST_DIGITS = 18


class ClientGone(Exception):
    """The client has closed the connection before the end of its request."""


def announced(environ: Environ) -> bool:
    """Whether the head says that a body follows."""
    return "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH", "0") != "0"


class Bodies:
    """The bodies that one worker holds; each up to ``max_body`` bytes."""

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._held = 0

    async def take(self, environ: Environ, receive: Receive) -> None:
        """Put the body into ``environ``; `give_back` has to follow.

        :raises Refused: it is too long, there are too many bodies, it does not come in time, or
            its coding is none that the server decodes.
        :raises ClientGone: it does not come to its end.
        """
        environ[_TAKEN] = 0
        length = environ.get("CONTENT_LENGTH", "").lstrip("0")
        if environ.get("HTTP_TRANSFER_ENCODING", "chunked").lower() != "chunked":
            raise Refused(HTTPStatus.NOT_IMPLEMENTED)  # RFC 9112 section 6.1: it is not decoded
        if len(length) > _MOST_DIGITS or int(length or 0) > self._max_body:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await self._gathered(environ, receive)
        except TimeoutError:
            raise Refused(HTTPStatus.REQUEST_TIMEOUT) from None
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = BytesIO(body)

    def give_back(self, environ: Environ) -> None:
        """Its memory is free again."""
        self._held -= environ[_TAKEN]

    async def _gathered(self, environ: Environ, receive: Receive) -> bytes:
        pieces: list[bytes] = []
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            piece, more = message.get("body", b""), message.get("more_body", False)
            environ[_ENDED] = not more
            self._held += len(piece)
            environ[_TAKEN] += len(piece)
            if environ[_TAKEN] > self._max_body:
                raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            if self._held > MAX_HELD:
                raise Refused(HTTPStatus.SERVICE_UNAVAILABLE)
            pieces.append(piece)
        return b"".join(pieces)


async def pass_over(environ: Environ, receive: Receive) -> None:
    """Take what is left of a body. A client that still sends it would lose the answer if the
    connection were closed now (RFC 9112 section 9.6)."""
    if environ.get(_ENDED) or "HTTP_EXPECT" in environ:
        return
    passed = 0
    try:
        async with asyncio.timeout(DISCARD_SECONDS):
            while passed < MAX_DISCARDED:
                message = await receive()
                passed += len(message.get("body", b""))
                if not message.get("more_body"):
                    return
    except TimeoutError:
        return


_TAKEN, _ENDED = "profiles.body_bytes", "profiles.body_ended"

"""What stands between granian and the application: whole bodies, deadlines, bounded work.

granian gives a request to a thread when its head is there; gunicorn's worker (`app.serving`)
does all this itself, before it answers.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from io import BytesIO
from threading import Semaphore
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask

from app.dao import deadline
from app.http_problems import HTTP_PROBLEMS
from app.parts import WATCH
from app.serving.refusals import refused
from app.settings import Settings

BODIES = 32
"""How many bodies are read at a time; each may take as long as its client likes."""

SPARE = 8
"""Threads for health, and to refuse what is too much."""

MAX_DISCARDED = 4 * 1024 * 1024
"""Bytes of a body over the limit that are still read."""

_AT_ONCE = 64 * 1024
_HEALTH = "/health/"
# granian hands a field over as empty that has other bytes than ASCII; elsewhere that is refused.
_TEXTS = ("HTTP_PROFILES_AGENT", "HTTP_PROFILES_REASON")


def most_admitted(settings: Settings) -> int:
    """Those at work, and those that wait for their turn: as many as under gunicorn."""
    return settings.threads + settings.waiting


def threads_needed(settings: Settings) -> int:
    """One for each of these, and none of the others has to wait for them."""
    return most_admitted(settings) + BODIES + SPARE


class Refused(Exception):
    """The worker itself answers, with this status."""

    def __init__(self, status: HTTPStatus) -> None:
        self.status = status


@contextmanager
def _held(places: Semaphore, seconds: float = 0) -> Iterator[None]:
    """One of the places.

    :raises Refused: none has become free for so long.
    """
    if not places.acquire(timeout=seconds):
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE)
    try:
        yield
    finally:
        places.release()


class Admission:
    """A WSGI application around ``app``."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._max_body = settings.max_body
        self._deadline = settings.deadline
        self._bodies = Semaphore(BODIES)
        self._places = Semaphore(most_admitted(settings))
        self._turns = Semaphore(settings.threads)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        try:
            self._take_in(environ)
            with deadline.until(time.monotonic() + self._deadline):
                if environ["PATH_INFO"].startswith(_HEALTH):
                    return self._answer(environ, start)
                return self._answer_if_admitted(environ, start)
        except Refused as error:
            return self._refuse(error.status, start)

    def _take_in(self, environ: WSGIEnvironment) -> None:
        """Read the body. One that is too long is left to the application to refuse.

        :raises Refused: it cannot be read now, or not to its end.
        """
        _check_head(environ)
        chunked = "HTTP_TRANSFER_ENCODING" in environ
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > self._max_body and "HTTP_EXPECT" not in environ:
            self._pass_over(environ["wsgi.input"])
        if length > self._max_body or not (chunked or length):
            return
        most = length or self._max_body + 1
        body = self._read(environ["wsgi.input"], most)
        # Chunks that end too early look like those that have ended. What has come of a JSON
        # object is not JSON, but nothing at all could be taken for a request without a body.
        if len(body) < length or not body:
            raise Refused(HTTPStatus.BAD_REQUEST)
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))

    def _pass_over(self, source: Any) -> None:
        """Else the client, which still sends, would lose the answer (RFC 9112 section 9.6)."""
        passed, read = 0, self._read(source, _AT_ONCE)
        while read and passed < MAX_DISCARDED:
            passed += len(read)
            read = self._read(source, _AT_ONCE)

    def _read(self, source: Any, most: int) -> bytes:
        with _held(self._bodies):
            read: bytes = source.read(most)
        return read

    def _answer_if_admitted(self, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        """In turn: all at once they would only take the processor and the lock of the file from
        each other.

        :raises Refused: there are too many, or its turn has not come before its deadline.
        """
        with _held(self._places), _held(self._turns, self._deadline):
            return self._answer(environ, start)

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        """In one piece, so that no thread waits for the client to read it."""
        pieces: Any = self._app(environ, start)
        if isinstance(pieces, list):
            return pieces
        try:
            return [b"".join(pieces)]
        finally:
            pieces.close()

    def _refuse(self, status: HTTPStatus, start: StartResponse) -> list[bytes]:
        watch, code = self._app.extensions[WATCH], HTTP_PROBLEMS[status].code
        told = watch.malformed if status == HTTPStatus.BAD_REQUEST else watch.unread
        told(status.value, code)
        fields, text = refused(status)
        closing = [("Connection", "close")] if status == HTTPStatus.BAD_REQUEST else []
        start(f"{status.value} {status.phrase}", [*fields.items(), *closing])
        return [text]


def _check_head(environ: WSGIEnvironment) -> None:
    """
    :raises Refused: another server might read it in another way, or something of it was lost.
    """
    coding = environ.get("HTTP_TRANSFER_ENCODING", "chunked")
    lost = any(environ.get(name) == "" for name in _TEXTS)
    if lost or coding.lower() != "chunked" or "," in environ.get("HTTP_HOST", ""):
        raise Refused(HTTPStatus.BAD_REQUEST)

"""The Flask application: without what this service has no use for, as it costs each request."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface
from werkzeug.datastructures import Headers

_SENT_AS_IS = frozenset({"200 OK", "201 CREATED"})


class JsonResponse(Response):
    """Also the answers that Flask makes itself, such as to OPTIONS, are no HTML."""

    default_mimetype = "application/json"

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """An answer that needs no correction goes out without a copy of its headers."""
        plain = self.status in _SENT_AS_IS and environ["REQUEST_METHOD"] != "HEAD"
        if plain and isinstance(self.response, list) and not _has_place(self.headers):
            start_response(self.status, self.headers.to_wsgi_list())
            return self.response
        return super().__call__(environ, start_response)


class NoSessions(SessionInterface):
    """A request is told by itself who sends it."""

    _session = NullSession()

    def open_session(self, *_: Flask | Request) -> NullSession:
        return self._session


class ProfilesApp(Flask):
    """Its functions are plain ones, and all requests are without a session."""

    response_class = JsonResponse
    session_interface = NoSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def _has_place(headers: Headers) -> bool:
    """Whether a header is to be made a whole address."""
    return "Location" in headers or "Content-Location" in headers

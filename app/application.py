"""The Flask application: without what this service has no use for, as it costs each request."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter

from app.limits import PATCH_TYPES
from app.request_target import check_host, check_path

MAX_HOSTS = 64
_HOST = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme", "SCRIPT_NAME")
_SENT_AS_IS = frozenset({"200 OK", "201 CREATED"})


class JsonResponse(Response):
    """Also the answers that Flask makes itself, such as to OPTIONS, are no HTML."""

    default_mimetype = "application/json"

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """An answer that needs no correction goes out without a copy of its headers: 7 % of a
        query on SQLite (docs/decisions/one-server.md)."""
        plain = self.status in _SENT_AS_IS and environ["REQUEST_METHOD"] != "HEAD"
        if plain and isinstance(self.response, list):
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

    def __init__(self, *of_base: Any, **named: Any) -> None:
        super().__init__(*of_base, **named)
        self._adapters: dict[tuple[str, ...], MapAdapter] = {}

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """As the base does, which looks at the same names of hosts again and again: 6 % of a
        query on SQLite (docs/decisions/one-server.md).

        :raises HTTPException: there is no route whatever the path; Flask answers it.
        """
        if request is None:
            return super().create_url_adapter(None)
        environ = request.environ
        check_host(environ)
        check_path(environ)
        host = tuple(environ.get(name, "") for name in _HOST)
        known = self._adapters.get(host) or super().create_url_adapter(request)
        if known is None:
            return None
        if len(self._adapters) < MAX_HOSTS:
            self._adapters[host] = known
        return MapAdapter(
            known.map,
            known.server_name,
            known.script_name,
            known.subdomain,
            known.url_scheme,
            request.path,
            request.method,
            request.query_string.decode(errors="replace"),
        )

    def make_default_options_response(self) -> Response:
        """Where a patch may be sent, with its media types (RFC 5789, section 3.1)."""
        response = super().make_default_options_response()
        if "PATCH" in response.allow:
            response.headers["Accept-Patch"] = ", ".join(PATCH_TYPES)
        return response

    def process_response(self, response: Response) -> Response:
        """No answer is taken for another media type than it has."""
        response.headers["X-Content-Type-Options"] = "nosniff"
        return super().process_response(response)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func

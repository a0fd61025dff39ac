"""The WSGI environment of a request (PEP 3333) out of its ASGI scope."""

import sys
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from app.request_target import is_host

Environ = dict[str, Any]

_SAME_FOR_ALL: Environ = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": False,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}
_NOT_PREFIXED = {b"content-length": "CONTENT_LENGTH", b"content-type": "CONTENT_TYPE"}
_MAX_NAMES = 1024


def environment(scope: Any) -> Environ:
    """The environment, with an empty body.

    ``RAW_URI`` is the target as it was sent. A header whose name has an underscore is left out:
    it would be taken for another one that has a hyphen.
    """
    path, authority = _path(scope["raw_path"])
    query = scope["query_string"].decode("latin-1")
    environ = _SAME_FOR_ALL.copy()
    environ["REQUEST_METHOD"] = scope["method"]
    environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1") if "%" in path else path
    environ["QUERY_STRING"] = query
    environ["RAW_URI"] = f"{path}?{query}" if query else path
    environ["SERVER_PROTOCOL"] = f"HTTP/{scope['http_version']}"
    environ["SERVER_NAME"], port = scope["server"] or ("", 0)
    environ["SERVER_PORT"] = str(port)
    if scope["client"]:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = scope["client"]
    environ["wsgi.url_scheme"] = scope["scheme"]
    environ["wsgi.input"] = BytesIO()
    for field, value in scope["headers"]:
        name = _name(field)
        if name is None:
            continue
        text = value.decode("latin-1")
        environ[name] = f"{environ[name]},{text}" if name in environ else text
    if authority is not None and is_host(environ.get("HTTP_HOST", "")):
        environ["HTTP_HOST"] = authority
    return environ


def _path(raw: bytes) -> tuple[str, str | None]:
    """The path, and the authority of a target in absolute form, which counts instead of ``Host``
    (RFC 9112 section 3.2.2) unless that is malformed, which is refused (section 3.2)."""
    path = raw.decode("latin-1")
    _, absolute, rest = path.partition("://")
    if path.startswith("/") or not absolute:
        return path, None
    authority, _, path = rest.partition("/")
    return f"/{path}", authority


@lru_cache(_MAX_NAMES)
def _name(field: bytes) -> str | None:
    if b"_" in field:
        return None
    return _NOT_PREFIXED.get(field) or f"HTTP_{field.decode('latin-1').upper().replace('-', '_')}"

"""Plain requests, and answers in one piece: what nearly all clients send, at little cost.

gunicorn's parser reads a head line by line and writes an answer part by part. Here one regular
expression tells a head that everybody reads in one way, and makes of it the same WSGI environment;
all others are left to gunicorn.
"""

import os
import re
import time
from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from gunicorn import SERVER
from gunicorn.http.wsgi import base_environ
from gunicorn.util import http_date

Environ = dict[str, Any]
Headers = list[tuple[str, str]]

MAX_HEAD = 4094
"""Bytes; gunicorn's own limit of a request line, so that no limit of it can be exceeded."""

MAX_FIELDS = 32

_HEAD = re.compile(
    r"(GET|HEAD|POST|PUT|PATCH|DELETE) (/(?!/)[!-\"$-~]*) HTTP/1\.1\r\n"
    r"((?:[A-Za-z0-9-]+:[\t -~]*\r\n)*)\r\n"
)
# What changes how the connection is used, or is only believed of a proxy.
_LEFT_TO_GUNICORN = frozenset({"TRANSFER_ENCODING", "EXPECT", "UPGRADE", "HTTP2_SETTINGS"})
_KEEPS = {"": True, "keep-alive": True, "close": False}
_NO_BODY = ("204 ", "304 ")
_AROUND = ("pre_request", "post_request", "proxy_protocol")


class Requests:
    """Reads the plain requests of one worker."""

    def __init__(self, cfg: Any) -> None:
        self._common: Environ = base_environ(cfg) | {
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SCRIPT_NAME": "",
            "wsgi.multithread": True,
            "wsgi.url_scheme": "https" if cfg.is_ssl else "http",
        }
        self._left = _LEFT_TO_GUNICORN | {
            name.replace("-", "_") for name in cfg.secure_scheme_headers
        }

    def read(self, head: bytes, body: bytes, client: Any, server: Any) -> Environ | None:
        """The WSGI environment; None: it is not plain.

        ``client`` and ``server`` are addresses as a socket tells them.
        """
        match = _HEAD.fullmatch(head.decode("latin-1")) if len(head) <= MAX_HEAD else None
        if match is None or not isinstance(client, tuple) or not isinstance(server, tuple):
            return None
        method, target, fields = match.groups()
        path, _, query = target.partition("?")
        environ = self._common | {
            "wsgi.input": BytesIO(body),
            "REQUEST_METHOD": method,
            "QUERY_STRING": query,
            "RAW_URI": target,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1") if "%" in path else path,
            "REMOTE_ADDR": client[0],
            "REMOTE_PORT": str(client[1]),
            "SERVER_NAME": server[0],
            "SERVER_PORT": str(server[1]),
        }
        return environ if self._add_fields(environ, fields) else None

    def _add_fields(self, environ: Environ, fields: str) -> bool:
        """Whether all are plain."""
        lines = fields.split("\r\n")
        for line in lines[:-1]:
            name, _, value = line.partition(":")
            key = _key(name)
            if key in environ or key[5:] in self._left:
                return False
            environ[key] = value.strip(" \t")
        return len(lines) <= MAX_FIELDS and environ.get("HTTP_CONNECTION", "").lower() in _KEEPS


def keeps(environ: Environ) -> bool:
    """Whether the client of a plain request lets the connection stay open."""
    return _KEEPS[environ.get("HTTP_CONNECTION", "").lower()]


class Answer:
    """What an application answers to a plain request."""

    def __init__(self, environ: Environ) -> None:
        self._is_head = environ["REQUEST_METHOD"] == "HEAD"
        self._status = ""
        self._headers: Headers = []

    def start(self, status: str, headers: Headers, _: Any = None) -> None:
        """``start_response`` of WSGI, for one that never streams."""
        self._status, self._headers = status, headers

    def text(self, body: Iterable[bytes], *, kept: bool) -> bytes:
        """All of it; ``kept``: whether the connection is."""
        content = b"".join(body)
        lines = [f"{name}: {value}\r\n" for name, value in self._headers]
        if self._is_head or self._status.startswith(_NO_BODY):
            content = b""
        elif not any(name.lower() == "content-length" for name, _ in self._headers):
            lines.append(f"Content-Length: {len(content)}\r\n")
        head = (
            f"HTTP/1.1 {self._status}\r\nServer: {SERVER}\r\nDate: {_date(int(time.time()))}\r\n"
            f"Connection: {'keep-alive' if kept else 'close'}\r\n{''.join(lines)}\r\n"
        )
        return head.encode("latin-1") + content


def are_enough(cfg: Any, log: Any) -> bool:
    """Whether the operator has asked for nothing that gunicorn does around a request."""
    usual = all(cfg.settings[name].get() == cfg.settings[name].default for name in _AROUND)
    return usual and not log.access_log_enabled and "SCRIPT_NAME" not in os.environ


@lru_cache(maxsize=256)
def _key(name: str) -> str:
    upper = name.upper().replace("-", "_")
    return upper if upper in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{upper}"


@lru_cache(maxsize=1)
def _date(seconds: int) -> str:
    text: str = http_date(seconds)
    return text

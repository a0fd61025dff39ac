"""Requests to an ASGI application without a server."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.serving.bridge import Bridge

NO_MORE = b""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an application has answered, header names in small letters, and how many pieces of the
    body it has not taken."""

    status: int
    headers: dict[str, str]
    body: bytes
    left: int


async def exchange(
    app: Bridge,
    method: str,
    path: str,
    *pieces: bytes | None,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> Answered | None:
    """What ``app`` answers to a request whose body comes in ``pieces``; None in place of one: the
    client has gone. None for no answer."""
    incoming = list(pieces or [NO_MORE])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not incoming:
            await asyncio.get_running_loop().create_future()
        piece = incoming.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(incoming)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope(method, path, headers), receive, send)
    if not sent:
        return None
    start, body = sent
    named = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Answered(start["status"], named, body["body"], len(incoming))


def scope(method: str, path: str, headers: Sequence[tuple[bytes, bytes]] = ()) -> dict[str, Any]:
    """The ASGI scope of a request for ``path``, which may have a query."""
    raw, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": raw,
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), *headers],
        "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 50000),
    }

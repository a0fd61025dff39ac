"""Single requests, to prepare what is measured."""

import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError

import orjson

from app.limits import TENANT_HEADER

_SECONDS = 120


def send(
    url: str, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
) -> Any:
    """The JSON of the answer, None where there is none.

    :raises RuntimeError: it is refused.
    """
    data = None if body is None else orjson.dumps(body)
    named = {"Content-Type": "application/json"} if data is not None else {}
    request = urllib.request.Request(  # noqa: S310
        url + path, data, named | dict(headers or {}), method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            text = answer.read()
    except HTTPError as error:
        raise RuntimeError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from None
    return orjson.loads(text) if text else None


def of_tenant(tenant: int) -> dict[str, str]:
    """The header that names it."""
    return {TENANT_HEADER: str(tenant)}

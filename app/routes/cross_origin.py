"""Pages of other origins: which may call the service (CORS, https://fetch.spec.whatwg.org)."""

from collections.abc import Sequence

from flask import Flask, Response
from flask_cors import CORS

from app.limits import EXPOSED_HEADERS

MAX_AGE_SECONDS = 7200
"""How long a browser may keep what it was told; none keeps it longer."""


def register_cross_origin(app: Flask, origins: Sequence[str]) -> None:
    """Let pages of ``origins`` call ``app``, and no others.

    They send credentials in headers of their own, so none of the browser's are asked for.
    """
    CORS(
        app,
        origins=list(origins),
        expose_headers=list(EXPOSED_HEADERS),
        max_age=MAX_AGE_SECONDS,
        always_send=False,
        vary_header=False,
    )
    app.after_request(_vary)


def _vary(response: Response) -> Response:
    """On every answer; the library leaves it out where there is one origin, or none was sent."""
    response.vary.add("Origin")
    return response

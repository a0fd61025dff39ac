"""The WSGI entry of a bare Flask route under the server of a checkout.

It is copied into the folder of a measurement and runs in the environment of either checkout, so
it imports nothing of ``benchmarks``. The server may look into the application that it hosts: so
this is the whole one, of which only the answers come from elsewhere.
"""

import os
from pathlib import Path

from flask import Flask, Response

from app.factory import create_app
from app.settings import read_settings

_TAG = '"1-00000000000000000000000000000000"'


def create_bare() -> Flask:
    """Answers at the paths of profiles, whatever is asked, with the bytes in ``BARE_ANSWER``."""
    bare = Flask(__name__)
    profile = Path(os.environ["BARE_ANSWER"]).read_bytes()

    @bare.get("/profiles")
    @bare.route("/profiles/<customer_id>", methods=["GET", "PUT"])
    def answer(customer_id: str = "") -> Response:  # noqa: ARG001
        return Response(profile, content_type="application/json", headers={"ETag": _TAG})

    @bare.get("/health/ready")
    def ready() -> Response:
        return Response(b"{}", content_type="application/json")

    return bare


app = create_app(read_settings())
setattr(app, "wsgi_app", create_bare())  # noqa: B010  (mypy refuses to assign to a method)

"""The OpenAPI document at ``/openapi.json``, and ``/docs``, the page that shows it."""

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from app.openapi.documents import Documents
from app.openapi.editions import EDITIONS, Edition
from app.routes import pages, parameters, requests, responses
from app.routes.dispatch import Dispatch
from app.services.definitions import Revision

# Swagger UI draws a few of its icons out of data: addresses; nothing else is needed.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
GUARDS = {"Referrer-Policy": "no-referrer"}
FOREVER = "public, max-age=31536000, immutable"


class DocumentRoutes:
    """What the API is, for programs and for people."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def blueprint(self, dispatch: Dispatch) -> Blueprint:
        """All paths and methods; the page asks nobody who they are."""
        made = Blueprint("documents", __name__)
        made.before_request(_check_acceptable)
        openapi = dispatch(self.openapi, fresh=True)
        made.add_url_rule("/openapi.json", "openapi", openapi, methods=["GET"])
        made.add_url_rule("/docs", "docs", self.docs, methods=["GET"])
        made.add_url_rule("/docs/<edition>/<file>", "asset", self.asset, methods=["GET"])
        return made

    def openapi(self, revision: Revision) -> Response:
        """The document of the tenant."""
        precondition = requests.precondition()
        parameters.check_parameters("version")
        edition = parameters.choice("version", EDITIONS, default=Edition.V3_1)
        document = self._documents.of(revision, edition)
        response = Response(document.text, content_type=requests.JSON)
        response.set_etag(document.tag)
        return responses.conditional(precondition, responses.private(response))

    def docs(self) -> Response:
        """The page. It reads ``tenant`` itself."""
        parameters.check_parameters("tenant")
        response = Response(pages.page(), content_type="text/html; charset=utf-8")
        response.headers.update(
            {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", **GUARDS}
        )
        return response

    def asset(self, edition: str, file: str) -> Response:
        """A file that the page loads."""
        parameters.check_parameters()
        asset = pages.assets().get(file)
        if asset is None:
            raise NotFound
        response = Response(asset.content, content_type=f"{asset.media_type}; charset=utf-8")
        # The page of another release may ask in the middle of an upgrade.
        kept = FOREVER if edition == pages.edition() else "no-cache"
        response.headers.update({"Cache-Control": kept, **GUARDS})
        return response


def _check_acceptable() -> None:
    """Only the document is JSON."""
    if request.endpoint == "documents.openapi":
        requests.check_acceptable()

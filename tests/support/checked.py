"""The test client of the application: every answer is held against the document."""

import json
from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.openapi.document import document
from app.parts import DEFINITIONS, DOCUMENTS
from app.services.definitions import compiled
from app.settings import DEFAULT_TENANT
from schemas.document import dump
from schemas.writing import to_document
from tests.support.contract import Contract, Exchange, path_in

_FORCED: set[int] = set()
"""Tenants whose definition was changed by force, so that stored profiles may not fit it."""


class CheckedClient(FlaskClient):
    """Raises `ContractBroken` where the application and its document disagree."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        check(self.application, response)
        return response


def check(application: Flask, response: TestResponse) -> None:
    """Hold ``response`` against the document, without asking the store or the service."""
    request = response.request
    text = request.headers.get("X-Genesys-TenantId", "")
    tenant = int(text) if text.isascii() and text.isdigit() else DEFAULT_TENANT
    if request.args.get("force", "").lower() == "true" and response.status_code == 200:
        _FORCED.add(tenant)
    exchange = Exchange(
        method=request.method,
        path=path_in(request.environ["RAW_URI"]),
        status=response.status_code,
        headers=dict(response.headers),
        body=response.get_data(),
    )
    contract_of(application, tenant).check(exchange, body=tenant not in _FORCED)


def contract_of(application: Flask, tenant: int) -> Contract:
    """That of the definition which ``application`` knows for ``tenant``."""
    definitions, documents = application.extensions[DEFINITIONS], application.extensions[DOCUMENTS]
    _, revision = definitions._known.get(tenant, (0, None))
    definition = definitions._seed if revision is None else to_document(revision.definition)
    return contract_for(definition, documents._base_path, documents._schemes)


@lru_cache(maxsize=500)
def contract_for(definition: bytes, base_path: str, schemes: tuple[str, ...] = ()) -> Contract:
    """That of a definition as it is stored: compiled once for all tenants that have it."""
    revision = compiled(1, 1, uuid5(NAMESPACE_OID, ""), definition)
    return Contract(json.loads(dump(document(revision, base_path, schemes))))

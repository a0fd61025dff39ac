"""The document of a definition, without a service."""

import json
from typing import Any
from uuid import UUID

from app.openapi.document import document
from app.services.definitions import Revision, _compiled
from schemas.definition import Definition
from schemas.document import dump


def a_revision(definition: Definition, tenant: int = 1, number: int = 1) -> Revision:
    return _compiled(tenant, number, UUID(int=number), definition)


def document_of(definition: Definition, base_path: str = "", *schemes: str) -> dict[str, Any]:
    """As clients get it: read from its JSON text."""
    made: dict[str, Any] = json.loads(dump(document(a_revision(definition), base_path, schemes)))
    return made

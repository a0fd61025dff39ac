"""The document of a definition, without a service; as a module, that of the default one."""

import json
import sys
from typing import Any
from uuid import UUID

from app.openapi.document import SECURITY, document
from app.services.definitions import Revision, compiled
from app.settings import DEFAULT_DEFINITION
from schemas.definition import Definition
from schemas.document import dump
from schemas.reader import read_definition
from schemas.writing import to_document


def a_revision(definition: Definition, tenant: int = 1, number: int = 1) -> Revision:
    return compiled(tenant, number, UUID(int=number), to_document(definition))


def document_of(definition: Definition, base_path: str = "", *schemes: str) -> dict[str, Any]:
    """As clients get it: read from its JSON text."""
    made: dict[str, Any] = json.loads(dump(document(a_revision(definition), base_path, schemes)))
    return made


if __name__ == "__main__":
    definition = read_definition(DEFAULT_DEFINITION.read_text(encoding="utf-8"))
    json.dump(document_of(definition, "/cv", *SECURITY), sys.stdout, indent=1)

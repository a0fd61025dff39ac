"""Compiled schemas: the default one, and small ones of a test's own."""

from typing import Any

from app.settings import DEFAULT_DEFINITION
from schemas.definition import Definition
from schemas.profile import ProfileSchema
from schemas.reader import load_definition, read_definition

DEFAULT = ProfileSchema(read_definition(DEFAULT_DEFINITION.read_text()))


def a_schema(attributes: dict[str, dict[str, Any]], *extensions: dict[str, Any]) -> ProfileSchema:
    """A schema of string attributes, each with what is given for it, and ``extensions``."""
    return ProfileSchema(
        load_definition({"attributes": listed(attributes), "extensions": list(extensions)})
    )


def a_definition(
    attributes: dict[str, dict[str, Any]],
    *keys: dict[str, Any],
    many: dict[str, Any] | None = None,
) -> Definition:
    """A definition as of `a_schema`, with ``keys``, and with one extension if it is given."""
    extensions = [many] if many else []
    parts = {"attributes": listed(attributes), "extensions": extensions}
    return load_definition({**parts, "identification_keys": list(keys)})


def listed(attributes: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": name, "type": "string"} | rest for name, rest in attributes.items()]


def many(attributes: dict[str, dict[str, Any]], *unique: str) -> dict[str, Any]:
    """A multi-valued extension called Many."""
    return {
        "name": "Many",
        "type": "multi-valued",
        "attributes": listed(attributes),
        "unique": list(unique),
    }

"""The editions of OpenAPI: 3.1, and 3.0.3 for generators of clients that know no later one.

Both tell the same API. What JSON Schema 2020-12 has and 3.0 has not is said in the words of 3.0:
null by ``nullable``, what stands beside a reference by ``allOf``, of several examples the first.
Beside a reference, ``nullable`` is meant as generators read it; by the letter it needs a ``type``.
A patch has one media type there, as such generators take no other, or no second one; and records
of any extension may be any value, as few of them have a type for one of several.
"""

from enum import StrEnum
from typing import Any

from app.openapi.described import JSON
from app.openapi.profiles import NULL, Schema
from app.openapi.references import with_used_components


class Edition(StrEnum):
    """As a client asks for it."""

    V3_0 = "3.0"
    V3_1 = "3.1"


EDITIONS = {str(each): each for each in Edition}
_OF_ANY_EXTENSION = ("Records", "RecordsInput")
_ANY_RECORDS: Schema = {
    "description": "A record of a single-valued extension, an array of those of another one."
}


def in_3_0(document: dict[str, Any]) -> dict[str, Any]:
    """``document`` of OpenAPI 3.1 in that edition; it stays as it is."""
    told: dict[str, Any] = _converted(document)
    told["openapi"] = "3.0.3"
    del told["info"]["license"]["identifier"]
    for item in told["paths"].values():
        if patch := item.get("patch"):
            body = patch["requestBody"]
            body["content"] = {JSON: body["content"][JSON]}
    schemas = told["components"]["schemas"]
    schemas |= {name: _ANY_RECORDS for name in _OF_ANY_EXTENSION if name in schemas}
    return with_used_components(told)


def _converted(node: Any) -> Any:
    """With all schemas that are in it, each under ``schema`` or by its name in ``schemas``."""
    if isinstance(node, list):
        return [_converted(each) for each in node]
    if not isinstance(node, dict):
        return node
    told: dict[str, Any] = {}
    for name, each in node.items():
        if name == "schema":
            told[name] = _schema(each)
        elif name == "schemas":
            told[name] = _named(each)
        else:
            told[name] = each if name == "example" else _converted(each)
    return told


def _named(schemas: dict[str, Schema]) -> dict[str, Schema]:
    return {name: _schema(each) for name, each in schemas.items()}


def _schema(schema: Schema) -> Schema:
    told: Schema = {}
    for keyword, value in schema.items():
        match keyword:
            case "type":
                told |= _type(value)
            case "oneOf" | "anyOf":
                told |= _alternatives(keyword, value)
            case "properties":
                told[keyword] = _named(value)
            case "items":
                told[keyword] = _schema(value)
            case "examples":
                told["example"] = value[0]
            case _:
                told[keyword] = value
    return _without_siblings(told)


def _type(kinds: str | list[str]) -> Schema:
    if isinstance(kinds, str):
        return {"type": kinds}
    (kind,) = (each for each in kinds if each != "null")
    return {"type": kind, "nullable": True}


def _alternatives(keyword: str, schemas: list[Schema]) -> Schema:
    some = [_schema(each) for each in schemas if each != NULL]
    told: Schema = {keyword: some} if len(some) > 1 else {"allOf": some}
    return told if len(some) == len(schemas) else told | {"nullable": True}


def _without_siblings(schema: Schema) -> Schema:
    """A reference that stands alone, as all beside it would be passed over."""
    if "$ref" not in schema or len(schema) == 1:
        return schema
    told = dict(schema)
    return {"allOf": [{"$ref": told.pop("$ref")}], **told}

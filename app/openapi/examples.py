"""Example values: those of the documented profile, and for other attributes by type."""

from collections.abc import Iterable
from typing import Any

from marshmallow import ValidationError

from schemas.attributes import TYPES
from schemas.definition import Attribute, Definition, Extension, Shape
from schemas.fields import attribute_type
from schemas.writing import public_attributes

CUSTOMER_ID = "00027a52JCGY000M"

_KNOWN: dict[str, Any] = {
    "FirstName": "Bruce",
    "LastName": "Banner",
    "DOB": "1962-05-10",
    "PhoneNumber": "+1 805 555 0100",
    "EmailAddress": "bruce.banner@marvelous.com",
    "Title": "Dr.",
    "LastCalledAgent_EmployeeID": "agent-7",
    "PreferredAgent_EmployeeID": "agent-7",
    "Type": 1,
    "Address": "21 JumpStreet",
    "City": "Hollywood",
    "County": "Santa Barbara",
    "PostCode": "555",
    "Country": "United States",
    "prefix": "+1",
    "description": "at work",
}


def value(attribute: Attribute) -> Any:
    """A single value that ``attribute`` takes."""
    kind = attribute_type(attribute)
    try:
        return kind.stored(_KNOWN[attribute.name])
    except (KeyError, ValidationError):
        usual = TYPES[attribute.type].example
        return usual[: attribute.length] if attribute.type == "string" else usual


def record(attributes: Iterable[Attribute]) -> dict[str, Any]:
    """One record with all ``attributes``, or the core ones of a profile."""
    return {each.name: [value(each)] if each.multi_valued else value(each) for each in attributes}


def records(extension: Extension) -> Any:
    """What a profile holds of ``extension``."""
    one = record(extension.attributes)
    return [one] if extension.type is Shape.MULTI else one


def content(definition: Definition) -> dict[str, Any]:
    """A profile without its id: core attributes, and the first extension."""
    extensions = {each.name: records(each) for each in definition.extensions[:1]}
    return {**record(definition.attributes), **extensions}


def bodies(definition: Definition) -> dict[str, Any]:
    """Bodies by the names of their schemas."""
    extensions, attributes = definition.extensions, definition.attributes
    shown: dict[str, Any] = {
        "Profile": {"customer_id": CUSTOMER_ID, **content(definition)},
        "ProfileInput": content(definition),
        "ProfilePatch": record(attributes[:1]),
        "CustomerReference": {"customer_id": CUSTOMER_ID},
        "MergeOrder": {"agent_id": "agent-7", "reason": "the same person"},
        "AttributeDefinitions": public_attributes(attributes),
        "AttributeDefinitionsInput": public_attributes(attributes),
        "ExtensionDefinitionInput": _NOTE,
        "ModeOrder": {"mode": "production"},
    }
    if attributes:
        path, replaced = f"/{attributes[0].name}", record(attributes[:1])[attributes[0].name]
        shown["JsonPatch"] = [{"op": "add", "path": path, "value": replaced}]
        shown["KeyDefinitionInput"] = {"name": "mine", "attributes": [attributes[-1].name]}
    if extensions:
        shown["ExtensionsInput"] = {extensions[-1].name: records(extensions[-1])}
        shown["RecordsInput"] = shown["Records"] = records(extensions[0])
    if unique := [each for each in extensions if each.unique]:
        shown["RecordChange"] = record(unique[0].attributes)
    return shown


_NOTE = {
    "name": "Note",
    "type": "multi-valued",
    "attributes": [{"name": "Text", "type": "string", "length": 256}],
}

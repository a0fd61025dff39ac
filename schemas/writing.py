"""A definition, and parts of it, as plain values: for the metadata API and for storage.

Members that have the value they would have if left out are left out.
"""

from collections.abc import Iterable
from dataclasses import MISSING, fields
from enum import StrEnum
from typing import Any

from schemas.definition import (
    PROFILE,
    Attribute,
    Definition,
    Extension,
    IdentificationKey,
    Match,
    Shape,
)
from schemas.document import dump, parse
from schemas.key_rules import EXTENSION_PREFIX
from schemas.yaml_text import dump_yaml

Members = dict[str, Any]
_Part = Attribute | Extension | IdentificationKey

_INTERNAL = {"stored_name", "reduced", "build"}


def public_attributes(attributes: Iterable[Attribute]) -> list[Members]:
    """As the metadata API has them, which takes them back as they are."""
    return [_members(attribute) for attribute in attributes]


def public_extension(extension: Extension) -> Members:
    """As the metadata API has it, which takes it back as it is."""
    return _public(_extension(extension))


def public_key(key: IdentificationKey) -> Members:
    """As the metadata API has it; whether it is complete is not told."""
    prefix = "" if key.source == PROFILE else EXTENSION_PREFIX
    always = {
        "name": key.name,
        "source": key.source,
        "attributes": [prefix + name for name in key.attributes],
        "unique": key.unique,
    }
    return always | {
        name: value for name, value in _public(_members(key)).items() if name not in always
    }


def to_document(definition: Definition) -> bytes:
    """All of ``definition``, for `from_document` to make the same of it."""
    parts: Members = {
        "attributes": public_attributes(definition.attributes),
        "extensions": [_extension(extension) for extension in definition.extensions],
        "identification_keys": [_members(key) for key in definition.keys],
    }
    return dump(parts | ({"reduced": True} if definition.reduced else {}))


def public_definition(definition: Definition) -> Members:
    """As a definition file has it, and `schemas.reader.load_definition` takes it back."""
    parts: Members = {
        "attributes": public_attributes(definition.attributes),
        "extensions": [public_extension(extension) for extension in definition.extensions],
        "identification_keys": [public_key(key) for key in definition.keys],
    }
    return {name: each for name, each in parts.items() if each or name == "attributes"}


def to_yaml(definition: Definition) -> str:
    """The text of a definition file, as `schemas.reader.read_definition` takes it back."""
    return dump_yaml(public_definition(definition))


def from_document(document: bytes) -> Definition:
    """The definition that `to_document` has written; it was checked before."""
    parts = parse(document)
    return Definition(
        attributes=_attributes(parts),
        extensions=tuple(_read_extension(members) for members in parts["extensions"]),
        keys=tuple(_read_key(members) for members in parts["identification_keys"]),
        reduced=parts.get("reduced", False),
    )


def _members(part: _Part) -> Members:
    return {
        field.name: _plain(getattr(part, field.name))
        for field in fields(part)
        if field.default is MISSING or getattr(part, field.name) != field.default
    }


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _public(members: Members) -> Members:
    return {name: value for name, value in members.items() if name not in _INTERNAL}


def _extension(extension: Extension) -> Members:
    members = _members(extension)
    if extension.attributes:
        members["attributes"] = public_attributes(extension.attributes)
    return members


def _attributes(members: Members) -> tuple[Attribute, ...]:
    return tuple(Attribute(**each) for each in members.get("attributes", ()))


def _read_extension(members: Members) -> Extension:
    changed = {
        "type": Shape(members["type"]),
        "attributes": _attributes(members),
        "unique": tuple(members.get("unique", ())),
    }
    return Extension(**members | changed)


def _read_key(members: Members) -> IdentificationKey:
    match = Match(members.get("match", Match.EXACT))
    return IdentificationKey(
        **members | {"match": match, "attributes": tuple(members["attributes"])}
    )

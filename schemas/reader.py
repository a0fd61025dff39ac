"""Reading a definition, or a part of one: YAML or plain values in, checked values out."""

from dataclasses import replace
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.attribute_type import NO_STRING
from schemas.definition import Attribute, Definition, Extension, IdentificationKey
from schemas.faults import Fault, Invalid, InvalidDefinition, first, flatten
from schemas.key_rules import with_settled_keys
from schemas.members import Sequence
from schemas.parts import AttributeSchema, DefinitionSchema, ExtensionSchema, KeySchema, nested
from schemas.rules import rule_faults
from schemas.yaml_text import parse_yaml

QUOTE_HINT = "; YAML reads an unquoted no, on or 1.10 as another type, so quote it"


def read_definition(text: str) -> Definition:
    """The definition that the YAML ``text`` describes.

    :raises Invalid: with the path of every fault.
    """
    raw = parse_yaml(text)
    try:
        return load_definition(raw)
    except Invalid as error:
        raise InvalidDefinition(map(hinted, error.faults)) from None


def load_definition(raw: Any) -> Definition:
    """The definition in plain values.

    :raises Invalid: with the path of every fault.
    """
    definition: Definition = with_settled_keys(_load(DefinitionSchema(), raw))
    if faults := first(rule_faults(definition)):
        raise InvalidDefinition(faults)
    return definition


def load_attributes(raw: Any) -> tuple[Attribute, ...]:
    """A list of attributes, its structure checked, not the rules between parts.

    :raises Invalid: with the path of every fault in ``raw``.
    """
    try:
        return tuple(Sequence(nested(AttributeSchema)).deserialize(raw))
    except ValidationError as error:
        raise InvalidDefinition(flatten(error.messages)) from None


def load_extension(raw: Any) -> Extension:
    """An extension, checked as `load_attributes` does."""
    extension: Extension = _load(ExtensionSchema(), raw)
    return extension


def load_key(raw: Any) -> IdentificationKey:
    """An identification key as it is spelled, checked as `load_attributes` does."""
    key: IdentificationKey = _load(KeySchema(), raw)
    return key


def hinted(fault: Fault) -> Fault:
    """``fault``, with a word on YAML where it may be to blame."""
    return replace(fault, message=fault.message + QUOTE_HINT * (fault.message == NO_STRING))


def _load(schema: Schema, raw: Any) -> Any:
    try:
        return schema.load(raw)
    except ValidationError as error:
        raise InvalidDefinition(flatten(error.messages)) from None

"""The structure of a definition and of its parts, each of which is read on its own too."""

from typing import Any

from marshmallow import Schema, fields, post_load

from schemas.attributes import TYPES
from schemas.definition import Attribute, Definition, Extension, IdentificationKey, Match, Shape
from schemas.members import Choice, Flag, Length, Name, Region, Sequence, Text
from schemas.strict import StrictSchema

NORMALIZERS = ["phone"]


def nested(schema: type[Schema]) -> fields.Nested:
    return fields.Nested(schema, error_messages={"null": "must be an object"})


class AttributeSchema(StrictSchema):
    name = Name(required=True)
    type = Choice(list(TYPES), required=True)
    default = fields.Raw(allow_none=True)
    length = Length()
    mandatory = Flag()
    multi_valued = Flag()
    sensitive = Flag()
    normalize = Choice(NORMALIZERS, allow_none=True)
    region = Region(allow_none=True)
    description = Text()

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Attribute:
        return Attribute(**data)


class ExtensionSchema(StrictSchema):
    name = Name(required=True)
    type = Choice(list(Shape), required=True)
    attributes = Sequence(nested(AttributeSchema))
    unique = Sequence(Text())
    description = Text()

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Extension:
        sequences = {name: tuple(data.get(name, ())) for name in ("attributes", "unique")}
        return Extension(**data | sequences | {"type": Shape(data["type"])})


class KeySchema(StrictSchema):
    name = Name(required=True)
    source = Text()
    attributes = Sequence(Text(), required=True)
    unique = Flag()
    match = Choice(list(Match))
    description = Text()

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> IdentificationKey:
        match = Match(data.get("match", Match.EXACT))
        attributes = tuple(data["attributes"])
        return IdentificationKey(**data | {"match": match, "attributes": attributes})


class DefinitionSchema(StrictSchema):
    attributes = Sequence(nested(AttributeSchema), required=True)
    extensions = Sequence(nested(ExtensionSchema))
    keys = Sequence(nested(KeySchema), data_key="identification_keys")

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Definition:
        parts: dict[str, Any] = {name: tuple(each) for name, each in data.items()}
        return Definition(**parts)

"""Reading a definition: YAML or plain values in, a checked `Definition` out."""

import re
from collections import Counter
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate

from schemas.attributes import TYPES
from schemas.definition import Attribute, Definition, Extension, Shape
from schemas.document import JSON_NUMBER, Number, whole_number
from schemas.faults import Fault, Invalid, flatten
from schemas.rules import QUOTE_HINT, rule_faults
from schemas.strict import StrictSchema

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,25}\Z", re.ASCII)


def read_definition(text: str) -> Definition:
    """The definition that the YAML ``text`` describes.

    :raises Invalid: with the path of every fault.
    """
    try:
        raw = yaml.load(text, Loader=_Loader)  # noqa: S506 - derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        where = f" at line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Invalid([Fault("", f"is not valid YAML{where}: {error.problem}")]) from None
    except (yaml.YAMLError, ValueError, LookupError, TypeError, RecursionError):
        raise Invalid([Fault("", "is not valid YAML: a part of it cannot be read")]) from None
    return load_definition(raw)


def load_definition(raw: Any) -> Definition:
    """The definition in plain values.

    :raises Invalid: with the path of every fault.
    """
    try:
        definition: Definition = _DefinitionSchema().load(raw)
    except ValidationError as error:
        raise Invalid(flatten(error.messages)) from None
    if faults := list(rule_faults(definition)):
        raise Invalid(faults)
    return definition


class _Loader(yaml.SafeLoader):
    """YAML of plain values, without repeated keys; decimals and moments keep their text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(str(self.construct_object(key, deep=True)) for key, _ in node.value)
        for key, count in keys.items():
            if count > 1:
                problem = f"{key!r} is given more than once"
                raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return super().construct_mapping(node, deep=deep)


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | Number | str:
    """A number as in JSON; YAML's other forms of numbers stay text, and are told as such."""
    text = str(loader.construct_scalar(node))
    match = JSON_NUMBER.fullmatch(text)
    if match is None:
        return text
    return Number(text) if match[2] or match[3] else whole_number(text)


def _as_written(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:int", _number)
_Loader.add_constructor("tag:yaml.org,2002:float", _number)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_written)


class _Text(fields.String):
    default_error_messages = {
        "required": "is mandatory",
        "null": "must be a string",
        "invalid": "must be a string" + QUOTE_HINT,
    }


class _Choice(_Text):
    """One of the words, in any case."""

    def __init__(self, words: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        word = str(super()._deserialize(value, attr, data, **kwargs)).lower()
        if word not in self.words:
            raise ValidationError(f"must be one of {', '.join(self.words)}")
        return word


class _Flag(fields.Field[bool]):
    """true or false; the documented API also sends them as strings."""

    default_error_messages = {"null": "must be true or false"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value is True or value == "true":
            return True
        if value is False or value == "false":
            return False
        raise self.make_error("null")


class _Sequence(fields.List[Any]):
    default_error_messages = {
        "required": "is mandatory",
        "null": "must be a list",
        "invalid": "must be a list",
    }


def _name() -> _Text:
    rule = "must be a letter, then letters, digits or _, at most 26 characters"
    return _Text(required=True, validate=validate.Regexp(_NAME, error=rule))


def _nested(schema: type[Schema]) -> fields.Nested:
    return fields.Nested(schema, error_messages={"null": "must be an object"})


class _AttributeSchema(StrictSchema):
    name = _name()
    type = _Choice(list(TYPES), required=True)
    default = fields.Raw(allow_none=True)
    length = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(min=1, error="must be at least 1"),
        error_messages={"invalid": "must be a whole number"},
    )
    mandatory = _Flag()
    multi_valued = _Flag()
    description = _Text()

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Attribute:
        return Attribute(**data)


class _ExtensionSchema(StrictSchema):
    name = _name()
    type = _Choice(list(Shape), required=True)
    attributes = _Sequence(_nested(_AttributeSchema))
    unique = _Sequence(_Text())
    description = _Text()

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Extension:
        sequences = {name: tuple(data.get(name, ())) for name in ("attributes", "unique")}
        return Extension(**data | sequences | {"type": Shape(data["type"])})


class _DefinitionSchema(StrictSchema):
    attributes = _Sequence(_nested(_AttributeSchema), required=True)
    extensions = _Sequence(_nested(_ExtensionSchema))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Definition:
        return Definition(**{name: tuple(parts) for name, parts in data.items()})

"""The schemas of profiles and of extension records, as one definition has them.

Alternatives are ``oneOf`` where no value is of two of them: generated clients have a type for
that, and none for ``anyOf``.

They come in up to three forms: as answered, as given in a body, and in a merge patch. Their
names are those of the definition with a suffix that no other component has.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from app.openapi import examples
from schemas.attributes import Currency
from schemas.definition import CUSTOMER_ID, Attribute, Definition, Extension, Shape
from schemas.document import dump
from schemas.fields import attribute_field, attribute_type

Schema = dict[str, Any]
Part = Schema | str
"""A schema, or the name of the component that is one."""

NULL: Schema = {"type": "null"}
ANYTHING: Schema = {"description": "The definition has no such extension."}


class Form(StrEnum):
    """The value is the suffix of the names of components."""

    ANSWER = ""
    GIVEN = "Input"
    PATCH = "Patch"


def reference(name: str) -> Schema:
    """Unlike a name alone, it may be told more of."""
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: Schema) -> Schema:
    """``schema``, or null; as generated clients take it, not one of two where types will do."""
    if isinstance(kind := schema.get("type"), str):
        return schema | {"type": [kind, "null"]}
    return {"oneOf": [*schema.get("oneOf", [schema]), NULL]}


def profile_schemas(definition: Definition) -> dict[str, Schema]:
    """The components for all that a profile of ``definition`` may hold, parts before wholes."""
    schemas = _Schemas()
    for form in Form:
        for extension in definition.extensions:
            schemas.add_extension(extension, form)
        schemas.add_profile(definition, form)
    schemas.add_selections(definition)
    return schemas.components


def criteria_form(attribute: Attribute) -> Schema:
    """The values of the query parameter by which profiles are found."""
    return {"type": "array", "items": attribute_type(attribute).text_form(), "maxItems": 100}


class _Schemas:
    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}

    def add_profile(self, definition: Definition, form: Form) -> None:
        name = f"Profile{form}"
        members = {
            CUSTOMER_ID: "CustomerId",
            **self._members(name, definition.attributes, form),
            **{each.name: _part(each, form) for each in definition.extensions},
        }
        required = [CUSTOMER_ID] if form is Form.ANSWER else _required(definition, form)
        whole = _object(members, required, closed=form is not Form.ANSWER)
        self.components[name] = {"description": _ABOUT[form], **whole}

    def add_extension(self, extension: Extension, form: Form) -> None:
        name, many = f"{extension.name}Record{form}", extension.type is Shape.MULTI
        if form is Form.PATCH and many:
            return
        members = self._members(name, extension.attributes, form)
        one = _object(members, _required(extension, form), closed=form is not Form.ANSWER)
        self.components[name] = {"description": _told(extension), **one}

    def add_selections(self, definition: Definition) -> None:
        """What selects a record; and the bodies that may be of any extension."""
        selecting = [each for each in definition.extensions if each.unique]
        for extension in selecting:
            name = f"{extension.name}RecordChange"
            members = self._members(name, extension.attributes, Form.PATCH)
            given = self._members(name, extension.attributes, Form.GIVEN)
            members |= {each: given[each] for each in extension.unique}
            self.components[name] = _object(members, extension.unique, closed=True)
        self.components |= {
            "Records": _any([_part(each, Form.ANSWER) for each in definition.extensions]),
            "RecordsInput": _any([_part(each, Form.GIVEN) for each in definition.extensions]),
            "RecordChange": _any([reference(f"{each.name}RecordChange") for each in selecting]),
        }
        inserted: dict[str, Part] = {CUSTOMER_ID: "CustomerId"}
        inserted |= {each.name: _part(each, Form.GIVEN) for each in definition.extensions}
        whole = _object(inserted, (), closed=True)
        self.components["ExtensionsInput"] = whole | {"minProperties": 1}

    def _members(self, owner: str, attributes: Iterable[Attribute], form: Form) -> dict[str, Part]:
        return {each.name: self._member(owner, each, form) for each in attributes}

    def _member(self, owner: str, attribute: Attribute, form: Form) -> Part:
        whole = _value(attribute, form)
        if attribute.multi_valued:
            # A name of the definition has no hyphen.
            several, name = {"type": "array", "items": whole}, f"{owner}-{attribute.name}"
            self.components[name] = {"oneOf": [whole, several], **_told_of(attribute, form)}
            whole = reference(name)
        else:
            whole |= _told_of(attribute, form)
        return nullable(whole) if form is Form.PATCH else whole


_ABOUT = {
    Form.ANSWER: "A profile. It lacks what has no value; an extension has to be asked for.",
    Form.GIVEN: (
        "A whole profile. An attribute that is left out, or null, has no value. Without any"
        " extension the stored ones stay; with any, all are replaced."
    ),
    Form.PATCH: "A JSON Merge Patch (RFC 7396) of a whole profile: null takes a value away.",
}


def _part(extension: Extension, form: Form) -> Schema:
    """What a profile has under the name of ``extension``.

    A body may also name it and give it no record, by null. The service takes an empty array for
    that too, and a single record for an array of it; this is not told, as few generated clients
    have a type for all of them.
    """
    many = extension.type is Shape.MULTI
    record_form = Form.GIVEN if form is Form.PATCH and many else form
    record = reference(f"{extension.name}Record{record_form}")
    records: Schema = {"type": "array", "items": record} if many else record
    return records if form is Form.ANSWER else nullable(records)


def _any(schemas: list[Schema]) -> Schema:
    """One of ``schemas``, of which there may be none or just one."""
    if len(schemas) > 1:
        return {"anyOf": schemas}
    return schemas[0] if schemas else ANYTHING


def _value(attribute: Attribute, form: Form) -> Schema:
    kind = attribute_type(attribute)
    # Of two JSON types: as a component, clients get one class for it.
    one = reference("Currency") if isinstance(kind, Currency) else kind.form()
    if attribute.sensitive and form is Form.ANSWER:
        return {"anyOf": [one, "Masked"]}
    return one


def _told_of(attribute: Attribute, form: Form) -> Schema:
    about = [attribute.description] if attribute.description else []
    if form is Form.GIVEN and attribute.default is not None:
        # Not as ``default``: some generated clients would demand the value.
        about.append(f"Absent: {dump(attribute_field(attribute).load_default).decode()}.")
    told: Schema = {"description": " ".join(about)} if about else {}
    if attribute.sensitive:
        told["x-sensitive"] = True
    if form is not Form.PATCH:
        example = examples.value(attribute)
        told["examples"] = [[example] if attribute.multi_valued else example]
    return told


def _required(part: Definition | Extension, form: Form) -> list[str]:
    return [each.name for each in part.attributes if each.required and form is Form.GIVEN]


def _object(members: dict[str, Part], required: Iterable[str], *, closed: bool) -> Schema:
    """``closed``: no other member is taken. Answers may have more in a later definition."""
    if closed and not members:  # some generators cannot name a type without members
        return {"type": "object", "additionalProperties": True, "maxProperties": 0}
    schema: Schema = {"type": "object", "properties": members}
    if named := list(required):
        schema["required"] = named
    return schema | ({"additionalProperties": False} if closed else {})


def _told(extension: Extension) -> str:
    kind = f"A record of the {extension.type} extension {extension.name}"
    apart = f", told apart by {', '.join(extension.unique)}" if extension.unique else ""
    return f"{kind}{apart}. {extension.description}".strip()

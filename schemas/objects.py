"""Schemas of flat objects, compiled out of named fields."""

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_load

from schemas.faults import Invalid, flatten
from schemas.strict import StrictSchema

Member = tuple[str, fields.Field[Any]]


class _ObjectSchema(StrictSchema):
    """A flat object: null attributes count as left out, the order of the names is kept."""

    def __init__(self) -> None:
        super().__init__()
        fields = self.load_fields.values()
        self.nullable = {str(field.data_key) for field in fields if not field.allow_none}

    @pre_load
    def leave_out_nulls(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict) or None not in data.values():
            return data
        return {
            name: value
            for name, value in data.items()
            if value is not None or name not in self.nullable
        }

    @post_load(pass_original=True)
    def keep_order(self, loaded: dict[str, Any], original: Any, **_: Any) -> dict[str, Any]:
        ordered = {name: loaded[name] for name in original if name in loaded}
        return ordered | loaded


def compile_object(members: Iterable[Member]) -> Schema:
    """One schema instance out of named fields.

    The fields stand under neutral names in the class, so that an attribute may be called
    like something that marshmallow's classes already have.
    """
    numbered: dict[str, Any] = {}
    for index, (name, field) in enumerate(members):
        field.data_key = field.attribute = name
        numbered[f"field_{index}"] = field
    return _ObjectSchema.from_dict(numbered)()


def load_object(schema: Schema, body: Any) -> dict[str, Any]:
    """
    :raises Invalid: with every fault of ``body``.
    """
    try:
        loaded: dict[str, Any] = schema.load(body)
    except ValidationError as error:
        raise Invalid(flatten(error.messages)) from None
    return loaded

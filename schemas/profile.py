"""The compiled schema of a whole profile, and what loading a body with it gives."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_load

from schemas.attributes import AttributeType, attribute_field, load_each
from schemas.definition import CUSTOMER_ID, Attribute, Definition, Extension, Shape
from schemas.faults import Fault, Invalid, flatten, pointer
from schemas.strict import StrictSchema

_CUSTOMER_ID = re.compile(r"[A-Za-z0-9._~-]{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ProfileContent:
    """What a body says of a profile, checked.

    ``extensions`` is None where the body names none, else the records of every extension
    that has some: an object, or an array of objects.
    """

    customer_id: str | None
    attributes: dict[str, Any]
    extensions: dict[str, Any] | None


def check_customer_id(text: str) -> str:
    """``text``, if it can be a customer id.

    :raises ValidationError: it cannot; a path never reaches "." and "..".
    """
    if not _CUSTOMER_ID.fullmatch(text) or text in {".", ".."}:
        raise ValidationError("must be 1 to 16 of A-Z a-z 0-9 . _ ~ -")
    return text


class ProfileSchema:
    """The schemas of one definition. Made once per revision, shared by all threads."""

    def __init__(self, definition: Definition) -> None:
        self.extensions = tuple(extension.name for extension in definition.extensions)
        self._spelling = {name.lower(): name for name in self.extensions}
        records = [(each.name, _SHAPES[each.type](each)) for each in definition.extensions]
        self._schema = _compile(
            [(CUSTOMER_ID, _CustomerId()), *_attribute_fields(definition.attributes), *records]
        )

    def load(self, body: Any, customer_id: str | None = None) -> ProfileContent:
        """The content that ``body`` describes for the customer ``customer_id``, if known.

        :raises Invalid: with every fault, also an id in the body that is another one.
        """
        faults: list[Fault] = []
        named = body.get(CUSTOMER_ID) if isinstance(body, dict) else None
        if customer_id and named not in (None, customer_id):
            faults.append(Fault(pointer(CUSTOMER_ID), "must equal the id in the URL"))
        try:
            loaded: dict[str, Any] = self._schema.load(body)
        except ValidationError as error:
            raise Invalid([*faults, *flatten(error.messages)]) from None
        if faults:
            raise Invalid(faults)
        return self._content(loaded)

    def spelled(self, name: str) -> str | None:
        """The extension called ``name`` without regard to case, if there is one."""
        return self._spelling.get(name.lower())

    def _content(self, loaded: dict[str, Any]) -> ProfileContent:
        named = [name for name in self.extensions if name in loaded]
        records = {name: loaded.pop(name) for name in named}
        held = {name: value for name, value in records.items() if value not in (None, [])}
        return ProfileContent(
            customer_id=loaded.pop(CUSTOMER_ID, None),
            attributes=loaded,
            extensions=held if named else None,
        )


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


def _compile(members: Iterable[tuple[str, fields.Field[Any]]]) -> Schema:
    """One schema instance out of named fields.

    The fields stand under neutral names in the class, so that an attribute may be called
    like something that marshmallow's classes already have.
    """
    numbered: dict[str, Any] = {}
    for index, (name, field) in enumerate(members):
        field.data_key = field.attribute = name
        numbered[f"field_{index}"] = field
    return _ObjectSchema.from_dict(numbered)()


def _attribute_fields(attributes: Iterable[Attribute]) -> list[tuple[str, fields.Field[Any]]]:
    return [(attribute.name, attribute_field(attribute)) for attribute in attributes]


class _CustomerId(AttributeType):
    type_name = CUSTOMER_ID

    def stored(self, value: Any) -> str:
        return check_customer_id(value if isinstance(value, str) else "")


class _Records(fields.Field[Any]):
    """All records of one extension; null, [] and {} name it without giving any."""

    def __init__(self, extension: Extension) -> None:
        super().__init__(allow_none=True)
        self.extension = extension
        self.schema = _compile(_attribute_fields(extension.attributes))

    def _record(self, value: Any) -> Any:
        return self.schema.load(value)


class _SingleRecord(_Records):
    """An object; one whose attributes are all null is none, as it would be when put back."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return None if value in ([], {}) else self._record(value) or None


class _Classifier(_Records):
    """Its only record is {}, so {} gives one here; null and [] give none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return None if value == [] else self._record(value)


class _ManyRecords(_Records):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, dict):
            value = [value] if value else []
        if not isinstance(value, list):
            raise ValidationError("must be an array of objects")
        records = load_each(value, self._record)
        self._check_unique(records)
        return records

    def _check_unique(self, records: list[dict[str, Any]]) -> None:
        seen: dict[tuple[Any, ...], int] = {}
        messages = {}
        for index, record in enumerate(records if self.extension.unique else []):
            first = seen.setdefault(self._identity(record), index)
            if first != index:
                names = ", ".join(self.extension.unique)
                messages[index] = [f"has the same {names} as record {first}"]
        if messages:
            raise ValidationError(messages)

    def _identity(self, record: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(repr(record.get(name)) for name in self.extension.unique)


_SHAPES: dict[Shape, type[_Records]] = {
    Shape.SINGLE: _SingleRecord,
    Shape.MULTI: _ManyRecords,
    Shape.CLASSIFIER: _Classifier,
}

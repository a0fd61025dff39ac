"""Schemas of flat objects, compiled out of named fields."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, cast

from marshmallow import Schema, ValidationError, fields, missing, post_load, pre_load

from schemas.faults import Invalid, flatten
from schemas.strict import StrictSchema


class MemberField(fields.Field[Any]):
    """A field of a flat object. It has no validators beside `taken`."""

    @abstractmethod
    def taken(self, value: Any) -> Any:
        """A ``value`` that a client sends, as `deserialize` gives it.

        :raises ValidationError: `deserialize` refuses it, or has to look at it.
        """


Member = tuple[str, MemberField]


class ObjectSchema(StrictSchema):
    """A flat object: null attributes count as left out, the order of the names is kept.

    Most bodies are in order, and marshmallow takes its time: 42 us of the default definition's
    example, 11 us without it (docs/decisions/one-server.md). So they are taken without it, by the
    same rules of the same fields; it looks at all others, and finds and words their faults.
    """

    def __init__(self) -> None:
        super().__init__()
        members = [each for each in self.load_fields.values() if isinstance(each, MemberField)]
        named = {str(member.data_key): member for member in members}
        self.nullable = {name for name, member in named.items() if not member.allow_none}
        self._take = {name: member.taken for name, member in named.items()}
        self._required = frozenset(name for name, member in named.items() if member.required)
        self._defaults = {
            name: member.load_default
            for name, member in named.items()
            if member.load_default is not missing
        }

    def load(self, data: Any, **options: Any) -> Any:
        """As marshmallow's, where `taken` refuses."""
        try:
            return self.taken(data)
        except ValidationError:
            return super().load(data, **options)

    def taken(self, data: Any) -> dict[str, Any]:
        """What marshmallow makes of ``data``.

        :raises ValidationError: it has to look at it; the messages tell nothing.
        """
        if type(data) is not dict:
            raise ValidationError("is no plain object")
        given = self.leave_out_nulls(data)
        try:
            loaded: dict[str, Any] = {n: self._take[n](each) for n, each in given.items()}
        except KeyError:
            raise ValidationError("has a name that is not known") from None
        if not self._required <= loaded.keys():
            raise ValidationError("lacks a value")
        if not self._defaults.keys() <= loaded.keys():
            loaded = self.keep_order(self._defaults | loaded, data)
        return loaded

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


def compile_object(members: Iterable[Member]) -> ObjectSchema:
    """One schema instance out of named fields.

    The fields stand under neutral names in the class, so that an attribute may be called
    like something that marshmallow's classes already have.
    """
    numbered: dict[str, Any] = {}
    for index, (name, field) in enumerate(members):
        field.data_key = field.attribute = name
        numbered[f"field_{index}"] = field
    return cast("ObjectSchema", ObjectSchema.from_dict(numbered)())


def load_object(schema: Schema, body: Any) -> dict[str, Any]:
    """
    :raises Invalid: with every fault of ``body``.
    """
    try:
        loaded: dict[str, Any] = schema.load(body)
    except ValidationError as error:
        raise Invalid(flatten(error.messages)) from None
    return loaded

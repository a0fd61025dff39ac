"""The compiled schema of a whole profile, and what loading a body with it gives."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from schemas.attribute_type import AttributeType
from schemas.definition import CUSTOMER_ID, Attribute, Definition
from schemas.faults import Fault, Invalid, flatten, pointer
from schemas.fields import attribute_field
from schemas.masking import Masking
from schemas.objects import Member, compile_object, load_object
from schemas.records import Selection, records_field

CUSTOMER_ID_PATTERN = (
    "^(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,15}"
    r"|\.[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,14}"
    r"|\.\.[A-Za-z0-9._~-]{1,14})$"
)
"""Also for readers of RE2, which has no look-ahead."""

_CUSTOMER_ID = re.compile(CUSTOMER_ID_PATTERN)


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
    if not _CUSTOMER_ID.fullmatch(text):
        raise ValidationError("must be 1 to 16 of A-Z a-z 0-9 . _ ~ -")
    return text


class ProfileSchema:
    """The schemas of one definition. Made once per revision, shared by all threads.

    The names of extensions given to its methods are spelled as in the definition.
    ``public_names`` are those by the names under which records are stored, ``rows`` the
    latter; both in the order of the definition.
    """

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.extensions = tuple(extension.name for extension in definition.extensions)
        self.public_names: Mapping[str, str] = {
            extension.stored_as: extension.name for extension in definition.extensions
        }
        self.rows = tuple(self.public_names)
        self.masking = Masking(definition)
        self._spelling = {name.lower(): name for name in self.extensions}
        self._stored_names = {name: row for row, name in self.public_names.items()}
        self._attributes = frozenset(attribute.name for attribute in definition.attributes)
        self._records = {each.name: records_field(each) for each in definition.extensions}
        self._selections = {
            each.name: Selection(each) for each in definition.extensions if each.unique
        }
        named = (CUSTOMER_ID, _CustomerId())
        self._insertion = compile_object([named, *self._records.items()])
        attributes = _attribute_fields(definition.attributes)
        self._schema = compile_object([named, *attributes, *self._records.items()])

    def load(self, body: Any, customer_id: str | None = None) -> ProfileContent:
        """The content that ``body`` describes for the customer ``customer_id``, if known.

        :raises Invalid: with every fault, also an id in the body that is another one.
        """
        return self._content(_loaded(self._schema, body, customer_id))

    def load_extensions(self, body: Any, customer_id: str | None = None) -> dict[str, Any]:
        """The records of every extension for which ``body`` has some; it names extensions, and
        may name the customer.

        :raises Invalid: with every fault, also where it names none, or another id.
        """
        loaded = _loaded(self._insertion, body, customer_id)
        loaded.pop(CUSTOMER_ID, None)
        if not loaded:
            raise Invalid([Fault("", "must name at least one extension")])
        return _held(loaded)

    def load_records(self, name: str, value: Any) -> Any | None:
        """All records of an extension: an object, an array of objects, or None for none.

        :raises Invalid: with every fault in ``value``.
        """
        try:
            records = self._records[name].deserialize(value)
        except ValidationError as error:
            raise Invalid(flatten(error.messages)) from None
        return None if records == [] else records

    def load_partial(self, name: str, body: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The unique values that select a record, and the others that it is to have.

        None is for a value that is removed. The extension has ``unique`` attributes.

        :raises Invalid: with every fault, also a unique attribute that is left out.
        """
        loaded = load_object(self._selections[name].partial, body)
        unique = self._unique_part(name, loaded)
        return unique, {name: loaded[name] for name in loaded if name not in unique}

    def unique_part(self, name: str, body: Any) -> dict[str, Any]:
        """The unique values that select a record; other values are not looked at.

        The extension has ``unique`` attributes.

        :raises Invalid: with every fault, also a unique attribute that is left out.
        """
        return self._unique_part(name, load_object(self._selections[name].unique, body))

    def check_record(self, name: str, record: Any) -> dict[str, Any]:
        """A whole record of the extension; stored values are taken as well as those of a body.

        :raises Invalid: with every fault.
        """
        return load_object(self._records[name].schema, record)

    def spelled(self, name: str) -> str | None:
        """The extension called ``name`` without regard to case, if there is one."""
        return self._spelling.get(name.lower())

    def stored_name(self, name: str) -> str:
        """The name under which the records of the extension ``name`` are stored."""
        return self._stored_names[name]

    def visible_attributes(self, values: dict[str, Any]) -> dict[str, Any]:
        """Of stored core attributes those that are still defined."""
        return _visible(values, self._attributes) if self.definition.reduced else values

    def visible_records(self, name: str, records: Any) -> Any:
        """Stored records of an extension with the attributes that are still defined."""
        field = self._records[name]
        if not field.extension.reduced:
            return records
        if isinstance(records, list):
            return [_visible(record, field.names) for record in records]
        return _visible(records, field.names)

    def _content(self, loaded: dict[str, Any]) -> ProfileContent:
        named = [name for name in self.extensions if name in loaded]
        records = {name: loaded.pop(name) for name in named}
        return ProfileContent(
            customer_id=loaded.pop(CUSTOMER_ID, None),
            attributes=loaded,
            extensions=_held(records) if named else None,
        )

    def _unique_part(self, name: str, loaded: dict[str, Any]) -> dict[str, Any]:
        unique = self._records[name].extension.unique
        return {each: loaded[each] for each in unique}


class _CustomerId(AttributeType):
    type_name = CUSTOMER_ID

    def stored(self, value: Any) -> str:
        return check_customer_id(value if isinstance(value, str) else "")

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": CUSTOMER_ID_PATTERN}


def _attribute_fields(attributes: Iterable[Attribute]) -> list[Member]:
    return [(attribute.name, attribute_field(attribute)) for attribute in attributes]


def _loaded(schema: Any, body: Any, customer_id: str | None) -> dict[str, Any]:
    """``body`` by ``schema``, of the customer in the URL, if known.

    :raises Invalid: with every fault, also an id in the body that is another one.
    """
    faults: list[Fault] = []
    named = body.get(CUSTOMER_ID) if isinstance(body, dict) else None
    if customer_id and named not in (None, customer_id):
        faults.append(Fault(pointer(CUSTOMER_ID), "must equal the id in the URL"))
    try:
        loaded = load_object(schema, body)
    except Invalid as error:
        raise Invalid([*faults, *error.faults]) from None
    if faults:
        raise Invalid(faults)
    return loaded


def _held(records: dict[str, Any]) -> dict[str, Any]:
    """Of the extensions that a body names, those that have records."""
    return {name: value for name, value in records.items() if value not in (None, [])}


def _visible(values: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}

"""The rules between parts of a definition that are each well formed."""

from collections.abc import Iterator

from marshmallow import ValidationError

from schemas.attributes import attribute_field
from schemas.definition import CUSTOMER_ID, Attribute, Definition, Extension, Shape
from schemas.faults import Fault, flatten, pointer

QUOTE_HINT = "; YAML reads an unquoted no, on or 1.10 as another type, so quote it"


def rule_faults(definition: Definition) -> Iterator[Fault]:
    """Every breach of a rule, with its place."""
    yield from _attribute_faults("/attributes", definition.attributes)
    taken = {CUSTOMER_ID} | {attribute.name.lower() for attribute in definition.attributes}
    for index, extension in enumerate(definition.extensions):
        base = pointer("extensions", index)
        if extension.name.lower() in taken:
            yield Fault(base + "/name", "is taken by another attribute or extension")
        taken.add(extension.name.lower())
        yield from _extension_faults(base, extension)
        yield from _attribute_faults(base + "/attributes", extension.attributes)


def _attribute_faults(base: str, attributes: tuple[Attribute, ...]) -> Iterator[Fault]:
    taken = {CUSTOMER_ID}
    for index, attribute in enumerate(attributes):
        here = base + pointer(index)
        if attribute.name.lower() in taken:
            yield Fault(here + "/name", "is taken by another attribute, without regard to case")
        taken.add(attribute.name.lower())
        if attribute.length is not None and attribute.type != "string":
            yield Fault(here + "/length", "is for strings only")
        elif attribute.default is not None:
            yield from _default_faults(here + "/default", attribute)


def _default_faults(here: str, attribute: Attribute) -> Iterator[Fault]:
    try:
        attribute_field(attribute)
    except ValidationError as error:
        hint = "" if isinstance(attribute.default, str) else QUOTE_HINT
        for fault in flatten(error.messages, here):
            yield Fault(fault.pointer, fault.message + hint)


def _extension_faults(base: str, extension: Extension) -> Iterator[Fault]:
    names = {attribute.name for attribute in extension.attributes}
    if extension.type is Shape.CLASSIFIER and names:
        yield Fault(base + "/attributes", "must be left out, a classifier has no attributes")
    if extension.type is not Shape.CLASSIFIER and not names:
        yield Fault(base + "/attributes", "must hold at least one attribute")
    if extension.unique and extension.type is not Shape.MULTI:
        yield Fault(base + "/unique", "is for multi-valued extensions only")
    for index, name in enumerate(extension.unique):
        if name not in names:
            yield Fault(base + pointer("unique", index), "is no attribute of this extension")
        elif name in extension.unique[:index]:
            yield Fault(base + pointer("unique", index), "is given more than once")

"""The rules between parts of a definition that are each well formed."""

from collections.abc import Iterator

from marshmallow import ValidationError

from schemas.definition import CUSTOMER_ID, PROFILE, Attribute, Definition, Extension, Shape
from schemas.faults import Fault, flatten, pointer
from schemas.fields import attribute_field
from schemas.key_rules import keys_faults


def rule_faults(definition: Definition) -> Iterator[Fault]:
    """Every breach of a rule, with its place."""
    yield from attributes_faults("/attributes", definition.attributes)
    taken = {CUSTOMER_ID} | {attribute.name.lower() for attribute in definition.attributes}
    for index, extension in enumerate(definition.extensions):
        base = pointer("extensions", index)
        if extension.name.lower() in taken:
            yield Fault(base + "/name", "is taken by another attribute or extension")
        taken.add(extension.name.lower())
        yield from extension_faults(base, extension)
    yield from keys_faults("/identification_keys", definition)


def extension_faults(base: str, extension: Extension) -> Iterator[Fault]:
    """Every breach of a rule within ``extension``."""
    if extension.name.lower() == PROFILE:
        yield Fault(base + "/name", "is reserved: a key with this source means the profile")
    yield from _shape_faults(base, extension)
    yield from attributes_faults(base + "/attributes", extension.attributes)


def attributes_faults(base: str, attributes: tuple[Attribute, ...]) -> Iterator[Fault]:
    """Every breach of a rule within ``attributes``, which belong together."""
    taken = {CUSTOMER_ID}
    for index, attribute in enumerate(attributes):
        here = base + pointer(index)
        if attribute.name.lower() in taken:
            yield Fault(here + "/name", "is taken by another attribute, without regard to case")
        taken.add(attribute.name.lower())
        limits = list(_limit_faults(here, attribute))
        yield from limits or _default_faults(here + "/default", attribute)


def _limit_faults(here: str, attribute: Attribute) -> Iterator[Fault]:
    if attribute.normalize is not None and attribute.type != "string":
        yield Fault(f"{here}/normalize", "is for strings only")
    if attribute.region is not None and attribute.normalize is None:
        yield Fault(here + "/region", "is for attributes with normalize only")


def _default_faults(here: str, attribute: Attribute) -> Iterator[Fault]:
    try:
        attribute_field(attribute)
    except ValidationError as error:
        yield from flatten(error.messages, here)


def _shape_faults(base: str, extension: Extension) -> Iterator[Fault]:
    names = {attribute.name for attribute in extension.attributes}
    if extension.type is Shape.CLASSIFIER and names:
        yield Fault(base + "/attributes", "must be left out, a classifier has no attributes")
    if extension.type is not Shape.CLASSIFIER and not names:
        yield Fault(base + "/attributes", "must hold at least one attribute")
    if extension.unique and extension.type is not Shape.MULTI:
        yield Fault(base + "/unique", "is for multi-valued extensions only")
    given: set[str] = set()
    for index, name in enumerate(extension.unique):
        if name not in names:
            yield Fault(base + pointer("unique", index), "is no attribute of this extension")
        elif name in given:
            yield Fault(base + pointer("unique", index), "is given more than once")
        given.add(name)

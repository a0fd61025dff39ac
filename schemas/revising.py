"""Changes of a definition, as the metadata API asks for them, each a new definition.

What they are given is plain values, checked; faults point into these. `InUse` and `NameTaken`
are told of a part that is right in itself.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from typing import Any

from schemas.definition import (
    CUSTOMER_ID,
    PROFILE,
    Attribute,
    Definition,
    Extension,
    IdentificationKey,
)
from schemas.faults import DependsOnDefinition, Fault, InvalidDefinition, first, pointer
from schemas.key_rules import key_faults, settled
from schemas.reader import load_attributes, load_extension, load_key
from schemas.rules import attributes_faults, extension_faults


class NameTaken(Exception):
    """Something else is called ``name``, without regard to case."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class NotDefined(DependsOnDefinition):
    """Nothing of the kind is called ``name``."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class InUse(Exception):
    """The identification key called ``key`` needs what is to be changed or removed."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


def defined_extension(definition: Definition, name: str) -> Extension:
    """The extension called ``name`` in any case.

    :raises NotDefined: there is none.
    """
    extension = definition.extension(name)
    if extension is None:
        raise NotDefined(name)
    return extension


def defined_key(definition: Definition, name: str) -> IdentificationKey:
    """The identification key called ``name`` in any case.

    :raises NotDefined: there is none.
    """
    key = definition.key(name)
    if key is None:
        raise NotDefined(name)
    return key


def replace_attributes(definition: Definition, raw: Any) -> Definition:
    """``definition`` with the core attributes of the list ``raw``.

    :raises Invalid: with every fault.
    :raises InUse: a key needs an attribute that is gone, or is looked up in another way.
    """
    attributes = load_attributes(raw)
    taken = {extension.name.lower() for extension in definition.extensions}
    shadowed = (
        Fault(pointer(index, "name"), "is taken by an extension")
        for index, attribute in enumerate(attributes)
        if attribute.name.lower() in taken
    )
    _check(chain(attributes_faults("", attributes), shadowed))
    _check_keys(definition, PROFILE, attributes)
    reduced = definition.reduced or reduces(definition.attributes, attributes)
    return replace(definition, attributes=attributes, reduced=reduced)


def add_extension(definition: Definition, raw: Any, stored_name: str) -> Definition:
    """``definition`` with one more extension, its records to be stored as ``stored_name``.

    :raises Invalid: with every fault.
    :raises NameTaken: by a core attribute or an extension.
    """
    extension = load_extension(raw)
    reserved = [Fault("/name", "is reserved")] * (extension.name.lower() == CUSTOMER_ID)
    _check(chain(reserved, extension_faults("", extension)))
    parts: list[Attribute | Extension] = [*definition.attributes, *definition.extensions]
    if extension.name.lower() in {part.name.lower() for part in parts}:
        raise NameTaken(extension.name)
    added = replace(extension, stored_name=stored_name)
    return replace(definition, extensions=(*definition.extensions, added))


def replace_extension(definition: Definition, name: str, raw: Any) -> Definition:
    """``definition`` with the extension ``name`` as ``raw`` has it; its name stays.

    :raises Invalid: with every fault.
    :raises NotDefined: there is no such extension.
    :raises InUse: a key needs an attribute that is gone, or is looked up in another way.
    """
    before = defined_extension(definition, name)
    extension = load_extension(raw)
    other = extension.name.lower() != before.name.lower()
    renamed = [Fault("/name", f"must be {before.name}, as in the URL")] * other
    _check(chain(renamed, extension_faults("", extension)))
    _check_keys(definition, before.name, extension.attributes)
    after = replace(
        extension,
        name=before.name,
        stored_name=before.stored_name,
        reduced=before.reduced or reduces(before.attributes, extension.attributes),
    )
    extensions = [after if each is before else each for each in definition.extensions]
    return replace(definition, extensions=tuple(extensions))


def remove_extension(definition: Definition, name: str) -> Definition:
    """``definition`` without the extension ``name``.

    :raises NotDefined: there is no such extension.
    :raises InUse: it is the source of a key.
    """
    removed = defined_extension(definition, name)
    _check_keys(definition, removed.name, ())
    extensions = [each for each in definition.extensions if each is not removed]
    return replace(definition, extensions=tuple(extensions))


def add_key(definition: Definition, raw: Any, stored_name: str, build: str) -> Definition:
    """``definition`` with one more key, its entries to be stored as ``stored_name``.

    ``build`` is the id of the job that fills it.

    :raises Invalid: with every fault.
    :raises NameTaken: by another key.
    """
    key = settled(load_key(raw), definition)
    _check(key_faults("", key, definition))
    if definition.key(key.name):
        raise NameTaken(key.name)
    added = replace(key, stored_name=stored_name, build=build)
    return replace(definition, keys=(*definition.keys, added))


def remove_key(definition: Definition, name: str) -> Definition:
    """``definition`` without the key ``name``.

    :raises NotDefined: there is no such key.
    """
    removed = defined_key(definition, name)
    keys = [key for key in definition.keys if key is not removed]
    return replace(definition, keys=tuple(keys))


def complete_key(definition: Definition, name: str) -> Definition:
    """``definition`` with the key ``name`` ready for use.

    :raises NotDefined: there is no such key.
    """
    found = defined_key(definition, name)
    keys = [replace(key, build="") if key is found else key for key in definition.keys]
    return replace(definition, keys=tuple(keys))


def _check(faults: Iterable[Fault]) -> None:
    if found := first(faults):
        raise InvalidDefinition(found)


def _check_keys(definition: Definition, source: str, after: tuple[Attribute, ...]) -> None:
    """
    :raises InUse: with these attributes its source would not give what a key is looked up by.
    """
    before = looked_up(definition.source_attributes(source))
    now = looked_up(after)
    for key in definition.keys_of(source):
        if any(now.get(name) != before[name] for name in key.attributes):
            raise InUse(key.name)


def looked_up(attributes: Iterable[Attribute]) -> dict[str, tuple[str | None, str | None]]:
    """By what, beside its type, the values of each attribute compare."""
    return {attribute.name: (attribute.normalize, attribute.region) for attribute in attributes}


def reduces(before: Iterable[Attribute], after: Iterable[Attribute]) -> bool:
    """Whether an attribute is taken away."""
    return bool({each.name for each in before} - {each.name for each in after})

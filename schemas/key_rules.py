"""What an identification key may be made of, and how it is spelled."""

from collections.abc import Iterator
from dataclasses import replace

from schemas.definition import PROFILE, Definition, IdentificationKey
from schemas.faults import Fault, pointer
from schemas.spelling import suggestion

MAX_KEY_ATTRIBUTES = 8
EXTENSION_PREFIX = "ext."


def with_settled_keys(definition: Definition) -> Definition:
    return replace(definition, keys=tuple(settled(key, definition) for key in definition.keys))


def settled(key: IdentificationKey, definition: Definition) -> IdentificationKey:
    """``key`` with its source spelled as it is defined, its attributes without a prefix."""
    if key.source.lower() == PROFILE:
        return replace(key, source=PROFILE)
    extension = definition.extension(key.source)
    if extension is None:
        return key
    prefixes = (EXTENSION_PREFIX, extension.name.lower() + ".")
    bare = tuple(_without_prefix(name, prefixes) for name in key.attributes)
    return replace(key, source=extension.name, attributes=bare)


def _without_prefix(name: str, prefixes: tuple[str, ...]) -> str:
    found = next((each for each in prefixes if name.lower().startswith(each)), "")
    return name[len(found) :]


def keys_faults(base: str, definition: Definition) -> Iterator[Fault]:
    """Every breach of a rule in the keys of ``definition``, which are settled."""
    taken: set[str] = set()
    for index, key in enumerate(definition.keys):
        here = base + pointer(index)
        if key.name.lower() in taken:
            yield Fault(here + "/name", "is taken by another key, without regard to case")
        taken.add(key.name.lower())
        yield from key_faults(here, key, definition)


def key_faults(base: str, key: IdentificationKey, definition: Definition) -> Iterator[Fault]:
    """Every breach of a rule in a settled ``key`` for profiles of this ``definition``."""
    if not 1 <= len(key.attributes) <= MAX_KEY_ATTRIBUTES:
        yield Fault(base + "/attributes", f"must name 1 to {MAX_KEY_ATTRIBUTES} attributes")
    if key.source != PROFILE and definition.extension(key.source) is None:
        sources = [PROFILE, *(extension.name for extension in definition.extensions)]
        guess = suggestion(key.source, sources)
        yield Fault(base + "/source", f"is neither profile nor an extension{guess}")
    else:
        yield from _attribute_faults(base, key, definition)


def _attribute_faults(
    base: str, key: IdentificationKey, definition: Definition
) -> Iterator[Fault]:
    known = [attribute.name for attribute in definition.source_attributes(key.source)]
    holder = "the profile" if key.source == PROFILE else key.source
    for index, name in enumerate(key.attributes[:MAX_KEY_ATTRIBUTES]):
        here = base + pointer("attributes", index)
        if name not in known:
            yield Fault(here, f"is no attribute of {holder}{suggestion(name, known)}")
        elif name in key.attributes[:index]:
            yield Fault(here, "is given more than once")

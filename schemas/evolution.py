"""What replacing a definition by another one means for the profiles that are stored."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.definition import Attribute, Definition, Extension
from schemas.faults import Fault, pointer

# Every stored value of the first type is one of the others, and is looked up by the same text.
_LOSSLESS = {
    "integer": {"long", "currency"},
    "long": {"currency"},
    "date": {"string"},
    "datetime": {"string"},
}


@dataclass(frozen=True, slots=True)
class Evolution:
    """``refused`` points into the new definition, at what no stored profile could follow.

    A change is ``narrowing`` if some stored profile may be invalid after it, or hold what is
    not defined any more. It is ``revealing`` if more may be shown of what was sensitive.
    """

    refused: tuple[Fault, ...]
    narrowing: bool
    revealing: bool


def compare(old: Definition, new: Definition) -> Evolution:
    return Evolution(tuple(_refused(old, new)), _narrows(old, new), _reveals(old, new))


def _refused(old: Definition, new: Definition) -> Iterator[Fault]:
    yield from _types_refused("/attributes", old.attributes, new.attributes)
    for index, extension in enumerate(new.extensions):
        before = old.extension(extension.name)
        if before is None:
            continue
        here = pointer("extensions", index)
        if extension.type is not before.type:
            yield Fault(here + "/type", f"cannot become another type than {before.type}")
        yield from _types_refused(here + "/attributes", before.attributes, extension.attributes)


def _types_refused(
    base: str, old: tuple[Attribute, ...], new: tuple[Attribute, ...]
) -> Iterator[Fault]:
    before = {attribute.name: attribute.type for attribute in old}
    for index, attribute in enumerate(new):
        stored = before.get(attribute.name, attribute.type)
        if attribute.type not in {stored, *_LOSSLESS.get(stored, ())}:
            message = f"cannot become {attribute.type}, stored values are of type {stored}"
            yield Fault(base + pointer(index, "type"), message)


def _narrows(old: Definition, new: Definition) -> bool:
    if _attributes_narrow(old.attributes, new.attributes, reduced=old.reduced):
        return True
    return any(
        _extension_narrows(extension, new.extension(extension.name))
        for extension in old.extensions
    )


def _extension_narrows(old: Extension, new: Extension | None) -> bool:
    if new is None:
        return True
    # Records that differ in some attributes also differ in more of them.
    loosened = bool(old.unique) and set(old.unique) <= set(new.unique)
    return (bool(new.unique) and not loosened) or _attributes_narrow(
        old.attributes, new.attributes, reduced=old.reduced
    )


def _attributes_narrow(
    old: Iterable[Attribute], new: Iterable[Attribute], *, reduced: bool
) -> bool:
    before = {attribute.name: attribute for attribute in old}
    after = {attribute.name: attribute for attribute in new}
    if before.keys() - after.keys():
        return True
    # Where some were taken away, values of any type may be stored under a new name.
    if reduced and after.keys() - before.keys():
        return True
    return any(_narrows_attribute(before.get(name), now) for name, now in after.items())


def _narrows_attribute(old: Attribute | None, new: Attribute) -> bool:
    if old is None:
        return new.required
    shorter = new.length is not None and (old.length is None or new.length < old.length)
    scalar = old.multi_valued and not new.multi_valued
    return shorter or scalar or (new.required and not old.required)


def _reveals(old: Definition, new: Definition) -> bool:
    pairs = [(each, new.extension(each.name)) for each in old.extensions]
    kept: list[tuple[Definition | Extension, Definition | Extension]] = [
        (old, new),
        *((before, after) for before, after in pairs if after),
    ]
    return any(_attributes_reveal(before, after) for before, after in kept)


def _attributes_reveal(old: Definition | Extension, new: Definition | Extension) -> bool:
    before = {attribute.name: attribute for attribute in old.attributes}
    after = {attribute.name: attribute for attribute in new.attributes}
    # What was taken away, and may have been sensitive, is still stored under its name.
    if old.reduced and after.keys() - before.keys():
        return True
    return any(_is_shown(each, after.get(name)) for name, each in before.items() if each.sensitive)


def _is_shown(old: Attribute, new: Attribute | None) -> bool:
    """Whether more is shown of what was sensitive: as another type, or once it was away."""
    return new is None or not new.sensitive or new.type != old.type

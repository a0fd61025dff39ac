"""Bringing a stored definition to a given one, whole: what is new, what stays, what differs."""

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from schemas.definition import Attribute, Definition, Extension, IdentificationKey
from schemas.evolution import compare
from schemas.faults import Fault, pointer
from schemas.revising import looked_up, reduces

Part = TypeVar("Part", Attribute, Extension, IdentificationKey)


class Effect(StrEnum):
    """What a difference means for stored profiles, as `schemas.evolution` says.

    BUILT: a key that has to be filled from them.
    """

    ADDITIVE = "additive"
    NARROWING = "narrowing"
    REFUSED = "refused"
    BUILT = "built"


class Action(StrEnum):
    """What becomes of a part."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Difference:
    """``kind``: attribute, extension, key, or order where only that is another one.

    Of an extension's attribute ``name`` names both.
    """

    kind: str
    name: str
    action: Action
    effect: Effect


def adopt(
    stored: Definition,
    wanted: Definition,
    fresh: Callable[[], str],
    failed: Set[str] = frozenset(),
) -> Definition:
    """``wanted`` in place of ``stored``, what is in both under the names that it is stored as.

    What is new gets names by ``fresh``, as do the jobs that build new keys. A key that differs,
    or is looked up in another way, or is called one of ``failed``, is a new one.
    """
    extensions = [_adopted(stored.extension(each.name), each, fresh) for each in wanted.extensions]
    same = {key.name: key for key in stored.keys if key.name not in failed}
    keys = [
        same[key.name]
        if key.name in same and _same_key(stored, same[key.name], wanted, key)
        else replace(key, stored_name=fresh(), build=fresh())
        for key in wanted.keys
    ]
    return replace(
        wanted,
        extensions=tuple(extensions),
        keys=tuple(keys),
        reduced=stored.reduced or reduces(stored.attributes, wanted.attributes),
    )


def spelling_faults(stored: Definition, wanted: Definition) -> Iterator[Fault]:
    """Where an extension is spelled otherwise than it is stored: its name stays."""
    for index, extension in enumerate(wanted.extensions):
        before = stored.extension(extension.name)
        if before and before.name != extension.name:
            here = pointer("extensions", index, "name")
            yield Fault(here, f"must be {before.name}, as it is stored")


def differences(old: Definition, new: Definition) -> list[Difference]:
    """All parts in which ``new``, adopted from ``old``, differs from it."""
    found = [
        *_attributes("", old, new),
        *(each for pair in _paired(old.extensions, new.extensions) for each in _extension(*pair)),
        *(_key(*pair) for pair in _paired(old.keys, new.keys)),
    ]
    if not found and old != new:
        return [Difference("order", "", Action.CHANGED, Effect.ADDITIVE)]
    return found


def _adopted(
    before: Extension | None, extension: Extension, fresh: Callable[[], str]
) -> Extension:
    if before is None:
        return replace(extension, stored_name=fresh())
    reduced = before.reduced or reduces(before.attributes, extension.attributes)
    return replace(extension, stored_name=before.stored_name, reduced=reduced)


def _same_key(
    old: Definition, key: IdentificationKey, new: Definition, wanted: IdentificationKey
) -> bool:
    if replace(key, stored_name="", build="") != wanted:
        return False
    before, now = (looked_up(each.source_attributes(key.source)) for each in (old, new))
    return all(before.get(name) == now.get(name) for name in key.attributes)


def _paired(old: Iterable[Part], new: Iterable[Part]) -> Iterator[tuple[Part | None, Part | None]]:
    """The parts that are not the same, by name: as they were, and as they will be."""
    before = {each.name: each for each in old}
    for part in new:
        held = before.pop(part.name, None)
        if held != part:
            yield held, part
    yield from ((part, None) for part in before.values())


def _attributes(prefix: str, old: Definition, new: Definition) -> Iterator[Difference]:
    for before, after in _paired(old.attributes, new.attributes):
        was = Definition(attributes=(before,) if before else (), reduced=old.reduced)
        will = Definition(attributes=(after,) if after else ())
        yield _difference("attribute", prefix, (before, after), _effect(was, will))


def _extension(before: Extension | None, after: Extension | None) -> Iterator[Difference]:
    was, will = (_extended(each) for each in (before, after))
    if before is None or after is None or was != will:
        yield _difference("extension", "", (before, after), _effect(was, will))
    if before and after:
        old = Definition(attributes=before.attributes, reduced=before.reduced)
        yield from _attributes(f"{after.name}.", old, Definition(attributes=after.attributes))


def _extended(extension: Extension | None) -> Definition:
    """``extension`` alone, its attributes left out."""
    alone = (replace(extension, attributes=(), reduced=False),) if extension else ()
    return Definition(attributes=(), extensions=alone)


def _key(before: IdentificationKey | None, after: IdentificationKey | None) -> Difference:
    return _difference("key", "", (before, after), Effect.BUILT if after else Effect.ADDITIVE)


def _difference(
    kind: str, prefix: str, pair: tuple[Part | None, Part | None], effect: Effect
) -> Difference:
    before, after = pair
    part = after or before
    action = Action.ADDED if before is None else Action.CHANGED if after else Action.REMOVED
    return Difference(kind, prefix + (part.name if part else ""), action, effect)


def _effect(old: Definition, new: Definition) -> Effect:
    evolution = compare(old, new)
    if evolution.refused:
        return Effect.REFUSED
    return Effect.NARROWING if evolution.narrowing else Effect.ADDITIVE

"""What merging one profile into another gives: the values, and the side each came from."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schemas.definition import Definition, Extension
from schemas.faults import Fault, Refused, pointer
from schemas.records import record_identity


class Policy(StrEnum):
    """What becomes of a conflict: a refusal, or the value of one side."""

    REFUSE = "refuse"
    SOURCE = "source"
    DESTINATION = "destination"


class Side(StrEnum):
    """Where a value of a merged profile came from."""

    DESTINATION = "destination"
    SOURCE = "source"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Content:
    """What a profile holds, in JSON values; ``records`` by the public name of the extension."""

    attributes: dict[str, Any]
    records: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Merged:
    """The content after a merge.

    ``origins`` is made like it: under ``attributes`` and ``extensions`` a `Side` for each
    name, where the value or the records are an array an array of them, one per element.
    """

    content: Content
    origins: dict[str, dict[str, Any]]


class MergeConflict(Refused):
    """The profiles contradict each other: ``faults`` points into the source."""


def merge(definition: Definition, destination: Content, source: Content, policy: Policy) -> Merged:
    """``destination`` with what ``source`` adds: names and values of the destination first.

    What only one side has is taken as it is. A core attribute with several values is united;
    one with a single value is no conflict, the destination's stays unless ``policy`` is
    `Policy.SOURCE`.

    :raises MergeConflict: under `Policy.REFUSE`, with every conflict.
    """
    merging = _Merging(definition, policy)
    attributes = _by_name(destination.attributes, source.attributes, merging.attribute)
    records = _by_name(destination.records, source.records, merging.records)
    if merging.conflicts:
        raise MergeConflict(merging.conflicts)
    return Merged(
        Content(_values(attributes), _values(records)),
        {"attributes": _origins(attributes), "extensions": _origins(records)},
    )


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: 1, 1.0, true and "1" are four."""
    return _exact(one) == _exact(other)


@dataclass(frozen=True, slots=True)
class _Traced:
    """A value and where it came from; of an array, where each element came from."""

    value: Any
    origin: Any


class _Merging:
    """How the values and records that both sides have under one name become one."""

    def __init__(self, definition: Definition, policy: Policy) -> None:
        self.policy = policy
        self.conflicts: list[Fault] = []
        self._multi_valued = {each.name for each in definition.attributes if each.multi_valued}
        self._extensions = {each.name: each for each in definition.extensions}

    def attribute(self, name: str, destination: Any, source: Any) -> _Traced:
        if name in self._multi_valued or isinstance(destination, list) or isinstance(source, list):
            united = _united(_listed(destination), _listed(source))
            if not isinstance(destination, list) and len(united.value) == 1:
                return _Traced(united.value[0], united.origin[0])
            return united
        if same(destination, source):
            return _Traced(destination, Side.BOTH)
        return self._preferred(destination, source)

    def records(self, name: str, destination: Any, source: Any) -> _Traced:
        if not isinstance(destination, list):
            return self._settled(name, pointer(name), destination, source)
        extension = self._extensions.get(name)
        if extension and extension.unique:
            return self._united_by_unique(extension, destination, _listed(source))
        return _united(destination, _listed(source))

    def _united_by_unique(
        self, extension: Extension, destination: list[Any], source: list[Any]
    ) -> _Traced:
        values, origins = list(destination), [Side.DESTINATION] * len(destination)
        places = {
            record_identity(extension, each): i for i, each in reversed([*enumerate(values)])
        }
        subject = f"{extension.name} record with the same {', '.join(extension.unique)}"
        for index, record in enumerate(source):
            place = places.get(record_identity(extension, record))
            if place is None:
                values.append(record)
                origins.append(Side.SOURCE)
            else:
                here = pointer(extension.name, index)
                settled = self._settled(subject, here, values[place], record)
                values[place], origins[place] = settled.value, settled.origin
        return _Traced(values, origins)

    def _settled(self, subject: str, here: str, destination: Any, source: Any) -> _Traced:
        if same(destination, source):
            return _Traced(destination, Side.BOTH)
        if self.policy is Policy.REFUSE:
            self.conflicts.append(Fault(here, f"the destination has another {subject}"))
        return self._preferred(destination, source)

    def _preferred(self, destination: Any, source: Any) -> _Traced:
        if self.policy is Policy.SOURCE:
            return _Traced(source, Side.SOURCE)
        return _Traced(destination, Side.DESTINATION)


def _by_name(
    destination: dict[str, Any], source: dict[str, Any], both: Callable[[str, Any, Any], _Traced]
) -> dict[str, _Traced]:
    """Every name of either side, those of the destination first."""
    merged = {name: _one_sided(value, Side.DESTINATION) for name, value in destination.items()}
    for name, value in source.items():
        if name in destination:
            merged[name] = both(name, destination[name], value)
        else:
            merged[name] = _one_sided(value, Side.SOURCE)
    return merged


def _one_sided(value: Any, side: Side) -> _Traced:
    return _Traced(value, [side] * len(value) if isinstance(value, list) else side)


def _united(destination: list[Any], source: list[Any]) -> _Traced:
    """All of the destination, then what the source has and the union does not have yet."""
    values, origins = list(destination), [Side.DESTINATION] * len(destination)
    places = {_exact(value): index for index, value in reversed([*enumerate(values)])}
    for value in source:
        place = places.setdefault(_exact(value), len(values))
        if place == len(values):
            values.append(value)
            origins.append(Side.SOURCE)
        elif place < len(destination):
            origins[place] = Side.BOTH
    return _Traced(values, origins)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _exact(value: Any) -> Hashable:
    """A value that is equal for the same JSON values only, and can be looked up."""
    if isinstance(value, dict):
        return frozenset((name, _exact(member)) for name, member in value.items())
    if isinstance(value, list):
        return tuple(map(_exact, value))
    return type(value), value


def _values(merged: dict[str, _Traced]) -> dict[str, Any]:
    return {name: traced.value for name, traced in merged.items()}


def _origins(merged: dict[str, _Traced]) -> dict[str, Any]:
    return {name: traced.origin for name, traced in merged.items()}

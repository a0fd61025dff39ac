"""Merge: section 5 of the contract, on plain values."""

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.oracle.answers import Refused
from tests.oracle.content import Records, identity
from tests.oracle.definition import Definition, Part


@dataclass(frozen=True, slots=True)
class Dialect:
    """Who wins a conflict: None for nobody, which refuses it."""

    source_wins: bool | None


def dialect(body: dict[str, Any] | None) -> Dialect:
    """That of the body of a merge."""
    given = body or {}
    known = {"agent_id", "force_merge", "reason", "description", "keep_uniq_from_src"}
    faults = [f"/{name}" for name in given if name not in known]
    if {"force_merge", "keep_uniq_from_src"} <= given.keys():
        faults.append("/keep_uniq_from_src")
    if faults:
        raise Refused(400, "invalid_body", faults)
    if "keep_uniq_from_src" in given:
        return Dialect(_true(given["keep_uniq_from_src"]))
    return Dialect(True if _true(given.get("force_merge", False)) else None)


def merge_attributes(
    definition: Definition, mine: dict[str, Any], other: dict[str, Any], told: Dialect
) -> dict[str, Any]:
    """Several values are united; of two single ones the destination's stays, unless forced."""
    merged = deepcopy(other) | deepcopy(mine)
    for name in mine.keys() & other.keys():
        attribute = definition.attribute("profile", name) or {}
        if attribute.get("multi_valued"):
            united = _united(_listed(mine[name]), _listed(other[name]))
            alone = not isinstance(mine[name], list) and len(united) == 1
            merged[name] = united[0] if alone else united
        elif told.source_wins:
            merged[name] = other[name]
    return merged


def merge_records(definition: Definition, mine: Records, other: Records, told: Dialect) -> Records:
    """The records of all extensions; a conflict is refused where nobody wins."""
    merged = deepcopy(other) | deepcopy(mine)
    conflicts: list[str] = []
    for extension in definition.extensions:
        name = extension["name"]
        if name not in mine or name not in other:
            continue
        if extension["type"] != "multi-valued":
            if not same(mine[name], other[name]):
                conflicts.append(f"/{name}")
                merged[name] = deepcopy((other if told.source_wins else mine)[name])
        elif extension.get("unique"):
            merged[name] = _by_unique(extension, mine[name], other[name], told, conflicts)
        else:
            merged[name] = _united(mine[name], other[name])
    if conflicts and told.source_wins is None:
        raise Refused(409, "merge_conflict", conflicts)
    return merged


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal, in type too."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _by_unique(
    extension: Part, mine: list[Any], other: list[Any], told: Dialect, conflicts: list[str]
) -> list[Any]:
    merged = deepcopy(mine)
    places = {identity(extension, record): index for index, record in enumerate(merged)}
    for index, record in enumerate(other):
        place = places.get(identity(extension, record))
        if place is None:
            merged.append(deepcopy(record))
        elif not same(merged[place], record):
            conflicts.append(f"/{extension['name']}/{index}")
            if told.source_wins:
                merged[place] = deepcopy(record)
    return merged


def _united(mine: list[Any], other: list[Any]) -> list[Any]:
    united = deepcopy(mine)
    for value in other:
        if not any(same(value, each) for each in united):
            united.append(deepcopy(value))
    return united


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _true(raw: Any) -> bool:
    return raw in (True, "true")

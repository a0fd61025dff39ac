"""Identify: section 4 of the contract, by looking at every profile there is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

from tests.oracle.answers import Refused
from tests.oracle.content import Records, form, form_of_text
from tests.oracle.definition import Definition, Part, attributes_of

Pairs = list[tuple[str, str]]
Criteria = dict[str, dict[str, list[Any]]]


class Held(Protocol):
    """What a profile holds."""

    attributes: dict[str, Any]
    records: Records


@dataclass(frozen=True, slots=True)
class Question:
    """The parameters of an identify, but for its pages."""

    given: Pairs
    key: str | None = None
    extensions: str | None = None
    include_profile: bool = False
    only_unique: bool = False
    explain: bool = False


def identify(definition: Definition, lives: Mapping[str, Held], question: Question) -> Any:
    """The body of the answer, all pages together."""
    extensions = definition.asked(question.extensions)
    criteria = _criteria(definition, question.given)
    key = _choose(definition, criteria, question.key)
    ids = sorted(name for name, life in lives.items() if _fits(definition, key, criteria, life))
    if question.only_unique and len(ids) != 1:
        extensions = []
    found = [_told(name, lives[name], extensions, question) for name in ids]
    if not question.explain:
        return found
    outcome = ("none", "unique", "ambiguous")[min(len(ids), 2)]
    return {"outcome": outcome, "key": key["name"], "profiles": found}


def values(definition: Definition, key: Part, life: Held) -> set[tuple[Any, ...]]:
    """All combinations of values by which the whole ``key`` finds a profile."""
    names, source = attributes_of(key), key["source"]
    return {
        each
        for row in _rows(source, life)
        for each in product(*(_forms(definition, key, source, name, row) for name in names))
    }


def questions(definition: Definition, life: Held) -> Iterator[tuple[str, Pairs]]:
    """For every complete key, and every leading part of it, each value that ``life`` holds."""
    for key in definition.keys:
        if key["name"] in definition.building:
            continue
        names = attributes_of(key)
        prefix = "" if key["source"] == "profile" else key["source"] + "."
        for row in _rows(key["source"], life):
            for length in range(1, len(names) + 1):
                for texts in product(*(_texts(row.get(name)) for name in names[:length])):
                    pairs = zip(names, texts, strict=False)
                    yield key["name"], [(prefix + name, text) for name, text in pairs]


def _criteria(definition: Definition, given: Pairs) -> Criteria:
    criteria: Criteria = {}
    for parameter, text in given:
        before, _, after = parameter.rpartition(".")
        source, name = before or "profile", after
        attribute = definition.attribute(source, name)
        if attribute is None or (before and before not in definition.names):
            raise Refused(400, "invalid_request")
        try:
            value = form_of_text(attribute, text)
        except ValueError:
            raise Refused(400, "invalid_request") from None
        criteria.setdefault(source, {}).setdefault(name, []).append(value)
    return criteria


def _choose(definition: Definition, criteria: Criteria, name: str | None) -> Part:
    if name is not None:
        named = definition.key(name)
        if named is None:
            raise Refused(400, "unknown_key")
        candidates = [named]
    else:
        candidates = definition.keys
    scored = [(key, _score(key, criteria)) for key in candidates]
    fitting = [(key, score) for key, score in scored if score]
    if not fitting:
        raise Refused(400, "no_key")
    complete = [each for each in fitting if each[0]["name"] not in definition.building]
    if not complete:
        raise Refused(503, "key_incomplete")
    wholly = [key for key, score in complete if score == len(key["attributes"])]
    highest = max(score for _, score in complete)
    return wholly[0] if wholly else next(key for key, score in complete if score == highest)


def _score(key: Part, criteria: Criteria) -> int:
    """How many of the leading attributes are given."""
    given = criteria.get(key["source"], {})
    score = 0
    for name in attributes_of(key):
        if name not in given:
            break
        score += 1
    return score


def _fits(definition: Definition, key: Part, criteria: Criteria, life: Held) -> bool:
    """Of each source, one row has to have any of the given values of every name."""
    return all(
        any(
            all(
                _forms(definition, key, source, name, row) & _folded(key, source, name, wanted)
                for name, wanted in names.items()
            )
            for row in _rows(source, life)
        )
        for source, names in criteria.items()
    )


def _rows(source: str, life: Held) -> list[dict[str, Any]]:
    if source == "profile":
        return [life.attributes]
    records = life.records.get(source, [])
    return records if isinstance(records, list) else [records]


def _forms(
    definition: Definition, key: Part, source: str, name: str, row: dict[str, Any]
) -> set[Any]:
    attribute = definition.attribute(source, name)
    value = row.get(name)
    if attribute is None or value is None:
        return set()
    listed = value if isinstance(value, list) else [value]
    return _folded(key, source, name, [form(attribute, each) for each in listed])


def _folded(key: Part, source: str, name: str, forms: list[Any]) -> set[Any]:
    """``forms`` as ``key`` compares them; attributes that it does not cover compare exactly."""
    covered = source == key["source"] and name in attributes_of(key)
    if covered and key.get("match") == "casefold":
        return {each.casefold() if isinstance(each, str) else each for each in forms}
    return set(forms)


def _texts(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value] if value is not None else []
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in listed]


def _told(name: str, life: Held, extensions: list[str], question: Question) -> dict[str, Any]:
    attributes = life.attributes if question.include_profile else {}
    records = {each: life.records[each] for each in extensions if each in life.records}
    return {"customer_id": name, **attributes, **records}

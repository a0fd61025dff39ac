"""Which identification key answers a query."""

from collections.abc import Iterable

from schemas.criteria import Criteria
from schemas.definition import Definition, IdentificationKey
from schemas.faults import DependsOnDefinition
from schemas.spelling import suggestion


class NoKey(DependsOnDefinition):
    """No key can be used: none of ``starts``, name and first attribute of each, is given."""

    def __init__(self, starts: list[tuple[str, str]]) -> None:
        self.starts = starts
        super().__init__(", ".join(name for name, _ in starts))


class UnknownKey(DependsOnDefinition):
    """No key is called ``name``; ``hint`` is "", or `, did you mean ...?` to go on with."""

    def __init__(self, name: str, hint: str = "") -> None:
        self.name = name
        self.hint = hint
        super().__init__(name)


class KeyIncomplete(DependsOnDefinition):
    """``key`` is the one to use, but it is still being filled."""

    def __init__(self, key: IdentificationKey) -> None:
        self.key = key
        super().__init__(key.name)


def choose(definition: Definition, criteria: Criteria, name: str | None) -> IdentificationKey:
    """The key called ``name`` in any case, else the one that fits ``criteria`` best.

    That is the oldest of which all attributes are given, or else of which most leading ones
    are. Keys that are still being filled are passed over if there is another.

    :raises UnknownKey: there is none of that name.
    :raises NoKey: the first attribute is not given, of that key or of any.
    :raises KeyIncomplete: it is still being filled.
    """
    keys = definition.keys if name is None else (_named(definition, name),)
    complete = [key for key in keys if not key.build]
    chosen = _best(complete, criteria) or _best(keys, criteria)
    if chosen is None:
        raise NoKey([(key.name, key.parameters[0]) for key in keys])
    if chosen.build:
        raise KeyIncomplete(chosen)
    return chosen


def _named(definition: Definition, name: str) -> IdentificationKey:
    key = definition.key(name)
    if key is None:
        raise UnknownKey(name, suggestion(name, [each.name for each in definition.keys]))
    return key


def _best(keys: Iterable[IdentificationKey], criteria: Criteria) -> IdentificationKey | None:
    scored = [(len(criteria.leading(key)), key) for key in keys]
    whole = (key for score, key in scored if score == len(key.attributes))
    score, best = max(scored, key=lambda pair: pair[0], default=(0, None))
    return next(whole, best if score else None)

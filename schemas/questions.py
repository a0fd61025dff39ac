"""What to ask next, where what is known of a caller fits several profiles."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from typing import Any

from schemas.definition import Attribute, Definition
from schemas.fields import attribute_type


def next_question(
    definition: Definition, candidates: Sequence[Mapping[str, Any]], given: Container[str]
) -> str | None:
    """The core attribute, none of those ``given``, that best tells the candidates apart.

    ``candidates`` are the stored core attributes of the profiles. Best is the one with the
    most distinct values, then the most even split, then the first one defined; None if the
    profiles agree in all.
    """
    question, best = None, (1, 0)
    for attribute in definition.attributes:
        groups = _groups(attribute, candidates) if attribute.name not in given else {}
        rating = (len(groups), -sum(count * count for count in groups.values()))
        if rating > best:
            question, best = attribute.name, rating
    return question


def _groups(
    attribute: Attribute, candidates: Sequence[Mapping[str, Any]]
) -> Counter[frozenset[str]]:
    """How many candidates have the same values, in any spelling and order."""
    canonical = attribute_type(attribute).canonical
    held = (candidate.get(attribute.name, ()) for candidate in candidates)
    lists = (value if isinstance(value, list | tuple) else [value] for value in held)
    return Counter(frozenset(map(canonical, values)) for values in lists)

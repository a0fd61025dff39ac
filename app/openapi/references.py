"""Which components of a document are referred to."""

from collections.abc import Iterator
from typing import Any

Place = tuple[str, str]
"""The kind of a component, and its name."""


def with_used_components(document: dict[str, Any]) -> dict[str, Any]:
    """``document`` without the components that no path leads to.

    apispec could leave them out too, but not what only an unused one refers to.
    """
    components = document["components"]
    used, pending = set[Place](), list(_references(document["paths"]))
    while pending:
        place = pending.pop()
        if place not in used:
            used.add(place)
            pending += _references(components[place[0]][place[1]])
    kept = {
        kind: {name: each for name, each in named.items() if (kind, name) in used}
        for kind, named in components.items()
        if kind != "securitySchemes"
    }
    return document | {"components": components | kept}


def _references(node: Any) -> Iterator[Place]:
    if isinstance(node, dict):
        if isinstance(target := node.get("$ref"), str):
            _, _, kind, name = target.split("/")
            yield kind, name
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)

"""What a patch can reach of a profile, told from the patch alone, for who may use it.

What is no patch reaches nothing: it is refused before it is applied.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonpointer import JsonPointer, JsonPointerException

from schemas.masking import Masking

# By operation: the member that says what is read, and what is written.
_READING = {"test": "path", "copy": "from", "move": "from"}
_WRITING = dict.fromkeys(("add", "remove", "replace", "copy", "move"), "path")


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a patch touches an extension, and whether it depends on, or carries on, what
    core attributes hold: who cannot read them could learn it from that."""

    extensions: bool = False
    reads_attributes: bool = False


def merge_patch_reach(patch: Any, extensions: Collection[str]) -> Reach:
    """Of a merge patch; ``extensions`` are those that are defined."""
    return Reach(isinstance(patch, dict) and not patch.keys().isdisjoint(extensions))


def json_patch_reach(patch: Any, extensions: Collection[str]) -> Reach:
    """Of a JSON patch; a path to the root reaches all."""
    operations = _operations(patch)
    read = {name for each in operations for name in _names(each, _READING)}
    touched = {name for each in operations for name in _names(each, _WRITING)} | read
    return Reach(
        extensions=not touched.isdisjoint({None, *extensions}),
        reads_attributes=not read <= set(extensions),
    )


def reads_sensitive(patch: Any, masking: Masking) -> bool:
    """Whether a JSON patch would find out what is sensitive, or show it at another place.

    So would a test, a copy and a move of it, of what it is in, or onto it.
    """
    reading = [
        each for each in _operations(patch) if next(_steps(each, _READING), None) is not None
    ]
    places = (
        steps
        for operation in reading
        for members in (_READING, _WRITING)
        for steps in _steps(operation, members)
    )
    return any(map(masking.concerns, places))


def _operations(patch: Any) -> list[dict[str, Any]]:
    listed = patch if isinstance(patch, list) else []
    return [each for each in listed if isinstance(each, dict)]


def _names(operation: dict[str, Any], members: Mapping[str, str]) -> Iterator[str | None]:
    """The member of the profile that a path leads into, None for the profile itself."""
    return (steps[0] if steps else None for steps in _steps(operation, members))


def _steps(operation: dict[str, Any], members: Mapping[str, str]) -> Iterator[list[str]]:
    """The steps of the path, into a whole profile, that ``members`` has for the operation."""
    try:
        yield list(JsonPointer(operation[members[operation["op"]]]).parts)
    except (LookupError, TypeError, JsonPointerException):
        return

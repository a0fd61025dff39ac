"""What a patch can reach of a profile, told from the patch alone, for who may use it.

What is no patch reaches nothing: it is refused before it is applied.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonpointer import JsonPointer, JsonPointerException

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
    listed = patch if isinstance(patch, list) else []
    operations = [each for each in listed if isinstance(each, dict)]
    read = {name for each in operations for name in _names(each, _READING)}
    touched = {name for each in operations for name in _names(each, _WRITING)} | read
    return Reach(
        extensions=not touched.isdisjoint({None, *extensions}),
        reads_attributes=not read <= set(extensions),
    )


def _names(operation: dict[str, Any], members: Mapping[str, str]) -> Iterator[str | None]:
    """The member of the profile that a path leads into, None for the profile itself."""
    try:
        parts = JsonPointer(operation[members[operation["op"]]]).parts
    except (LookupError, TypeError, JsonPointerException):
        return
    yield parts[0] if parts else None

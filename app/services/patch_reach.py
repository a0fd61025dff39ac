"""What a patch can reach of a profile, told from the patch alone, for who may use it.

What is no patch reaches nothing: it is refused before it is applied.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonpointer import JsonPointer, JsonPointerException

from schemas.masking import Masking

_Steps = list[str]

# By operation: the member that says what is read, and what is written.
_READING = {"test": "path", "copy": "from", "move": "from"}
_WRITING = dict.fromkeys(("add", "remove", "replace", "copy", "move"), "path")


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a patch touches an extension, and whether it depends on, or carries on, what
    core attributes hold, or what is sensitive: who cannot read them could learn it from that."""

    extensions: bool = False
    reads_attributes: bool = False
    reads_sensitive: bool = False


def merge_patch_reach(patch: Any, extensions: Collection[str], _masking: Masking) -> Reach:
    """Of a merge patch; ``extensions`` are those that are defined. It reads nothing."""
    return Reach(isinstance(patch, dict) and not patch.keys().isdisjoint(extensions))


def json_patch_reach(patch: Any, extensions: Collection[str], masking: Masking) -> Reach:
    """Of a JSON patch; a path to the root reaches all.

    What is sensitive is read by a test, a copy and a move of it, of what it is in, or onto it.
    """
    read, written, shown = list[_Steps](), list[_Steps](), list[_Steps]()
    for operation in _operations(patch):
        source, target = (list(_steps(operation, each)) for each in (_READING, _WRITING))
        read += source
        written += target
        shown += [*source, *target] if source else []
    return Reach(
        extensions=not _names([*read, *written]).isdisjoint({None, *extensions}),
        reads_attributes=not _names(read) <= set(extensions),
        reads_sensitive=any(map(masking.concerns, shown)),
    )


def _operations(patch: Any) -> list[dict[str, Any]]:
    listed = patch if isinstance(patch, list) else []
    return [each for each in listed if isinstance(each, dict)]


def _names(places: list[_Steps]) -> set[str | None]:
    """The members of the profile that paths lead into, None for the profile itself."""
    return {steps[0] if steps else None for steps in places}


def _steps(operation: dict[str, Any], members: Mapping[str, str]) -> Iterator[_Steps]:
    """The steps of the path, into a whole profile, that ``members`` has for the operation."""
    try:
        yield list(JsonPointer(operation[members[operation["op"]]]).parts)
    except (LookupError, TypeError, JsonPointerException):
        return

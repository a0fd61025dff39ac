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
_REPLACING = frozenset({"remove", "replace"})
_WRITING = dict.fromkeys(("add", "remove", "replace", "copy", "move"), "path")


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a patch touches an extension, and whether it depends on, or carries on, what
    core attributes hold, or what is sensitive: who cannot read them could learn it from that.

    ``writes`` are the members of the profile that it writes into, None for the profile itself.
    """

    extensions: bool = False
    reads_attributes: bool = False
    reads_sensitive: bool = False
    writes: frozenset[str | None] = frozenset()

    def is_own(self, name: str) -> bool:
        """Whether the patch says what the member ``name`` holds.

        Or a part of it: that takes the privilege to read it.
        """
        return not self.writes.isdisjoint({name, None})


def merge_patch_reach(patch: Any, extensions: Collection[str], _masking: Masking) -> Reach:
    """Of a merge patch; ``extensions`` are those that are defined. It reads nothing."""
    names = frozenset(patch) if isinstance(patch, dict) else frozenset({None})
    return Reach(not names.isdisjoint(extensions), writes=names)


def json_patch_reach(patch: Any, extensions: Collection[str], masking: Masking) -> Reach:
    """Of a JSON patch; a path to the root reaches all.

    What is sensitive is read by a test, a copy and a move of it, of what it is in, or onto it.
    An operation that is possible only where something is stored reads that too: it tells
    whether something is, and how many. Of what is sensitive, its masks tell as much.
    """
    read, written, shown, needed = (list[_Steps]() for _ in range(4))
    for operation in _operations(patch):
        source, target = (list(_steps(operation, each)) for each in (_READING, _WRITING))
        read += source
        written += target
        shown += [*source, *target] if source else []
        needed += [steps for steps in target if _needs_stored(operation["op"], steps)]
    return Reach(
        extensions=not _names([*read, *written]).isdisjoint({None, *extensions}),
        reads_attributes=not _names([*read, *needed]) <= set(extensions),
        reads_sensitive=any(map(masking.concerns, shown)),
        writes=frozenset(_names(written)),
    )


def _needs_stored(name: str, steps: _Steps) -> bool:
    """Whether it depends on what is stored if ``steps`` can be written by the operation."""
    return len(steps) > 1 or (name in _REPLACING and bool(steps))


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

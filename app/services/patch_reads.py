"""What a JSON Patch tells about the profile that it is applied to."""

from collections.abc import Iterator
from typing import Any

from jsonpointer import JsonPointer, JsonPointerException

from schemas.masking import Masking

_PLACES = {"test": ("path",), "copy": ("from", "path"), "move": ("from", "path")}


def reads_sensitive(patch: Any, masking: Masking) -> bool:
    """Whether ``patch`` would find out what is sensitive, or show it at another place.

    So would a test, a copy and a move of it, of what it is in, or onto it. What is no
    operation is left to `json_patch`, which refuses it.
    """
    return any(masking.concerns(place) for place in _places(patch))


def _places(patch: Any) -> Iterator[list[str]]:
    for operation in patch if isinstance(patch, list) else ():
        if isinstance(operation, dict):
            for member in _PLACES.get(str(operation.get("op")), ()):
                yield from _steps(operation.get(member))


def _steps(path: Any) -> Iterator[list[str]]:
    """The steps of ``path``, if it is one."""
    try:
        yield list(JsonPointer(path).parts)
    except (JsonPointerException, TypeError):
        return

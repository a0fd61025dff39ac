"""JSON Merge Patch (RFC 7396) and JSON Patch (RFC 6902), read off the RFCs."""

import json
from copy import deepcopy
from typing import Any

from tests.oracle.answers import Refused

_NEEDED = {
    "add": {"path", "value"},
    "remove": {"path"},
    "replace": {"path", "value"},
    "move": {"path", "from"},
    "copy": {"path", "from"},
    "test": {"path", "value"},
}


class _Impossible(Exception):
    """The operation is not possible on this document."""


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return deepcopy(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


def json_patch(document: Any, patch: Any) -> Any:
    """RFC 6902, section 4; one failing operation fails the whole."""
    if not isinstance(patch, list) or not all(map(_is_operation, patch)):
        raise Refused(400, "invalid_patch")
    root = {"": deepcopy(document)}
    for index, operation in enumerate(patch):
        try:
            _apply(root, operation)
        except _Impossible:
            code = "patch_test_failed" if operation["op"] == "test" else "patch_conflict"
            raise Refused(409, code, [f"/{index}"]) from None
    return root[""]


def _is_operation(raw: Any) -> bool:
    if not isinstance(raw, dict) or raw.get("op") not in _NEEDED:
        return False
    needed = _NEEDED[raw["op"]]
    return needed <= raw.keys() and all(
        isinstance(raw[name], str) and raw[name][:1] in {"", "/"} for name in needed - {"value"}
    )


def _apply(root: dict[str, Any], operation: dict[str, Any]) -> None:
    path = operation["path"].split("/")
    match operation["op"]:
        case "add":
            _add(root, path, deepcopy(operation["value"]))
        case "remove":
            _remove(root, path)
        case "replace":
            _remove(root, path)
            _add(root, path, deepcopy(operation["value"]))
        case "copy":
            _add(root, path, deepcopy(_get(root, operation["from"].split("/"))))
        case "move":
            _move(root, operation["from"].split("/"), path)
        case "test" if _text(_get(root, path)) != _text(operation["value"]):
            raise _Impossible


def _move(root: dict[str, Any], source: list[str], path: list[str]) -> None:
    if source != path and path[: len(source)] == source:
        raise _Impossible
    _add(root, path, _remove(root, source))


def _get(root: dict[str, Any], path: list[str]) -> Any:
    parent, last = _parent(root, path)
    if isinstance(parent, list):
        return parent[_index(last, len(parent) - 1)]
    if last not in parent:
        raise _Impossible
    return parent[last]


def _add(root: dict[str, Any], path: list[str], value: Any) -> None:
    parent, last = _parent(root, path)
    if isinstance(parent, list):
        parent.insert(len(parent) if last == "-" else _index(last, len(parent)), value)
    else:
        parent[last] = value


def _remove(root: dict[str, Any], path: list[str]) -> Any:
    value = _get(root, path)
    parent, last = _parent(root, path)
    del parent[int(last) if isinstance(parent, list) else last]
    return value


def _parent(root: dict[str, Any], path: list[str]) -> tuple[Any, str]:
    parent: Any = root
    if len(path) > 1:
        parent = _get(root, path[:-1])
    if not isinstance(parent, dict | list):
        raise _Impossible
    return parent, path[-1].replace("~1", "/").replace("~0", "~")


def _index(text: str, last: int) -> int:
    if not text.isascii() or not text.isdigit() or (len(text) > 1 and text[0] == "0"):
        raise _Impossible
    if int(text) > last:
        raise _Impossible
    return int(text)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)

"""Changes of the access file as text, so that comments and order stay as they are.

What comes out is read again and compared: where the text is written in a way that is not
understood here, nothing is changed.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import yaml

from schemas.faults import Invalid
from schemas.yaml_text import Loader, parse_yaml

INDENT = "  "


class NotEditable(Exception):
    """The text cannot be changed by program."""


def with_entry(text: str, section: str, name: str, entry: Mapping[str, Any]) -> str:
    """``text`` with one more entry in ``section``, before the others.

    :raises NotEditable: see there.
    """
    wanted = deepcopy(parse_yaml(text)) or {}
    wanted[section] = {name: dict(entry), **(wanted.get(section) or {})}
    value = _section(text, section)
    if value is None:
        return _checked(f"{_ended(text)}\n{section}:\n{_lines(name, entry, INDENT)}", wanted)
    if isinstance(value, yaml.MappingNode) and value.value and not value.flow_style:
        first = value.value[0][0].start_mark
        lines = _lines(name, entry, " " * first.column).lstrip()
        start = first.index
        return _checked(text[:start] + lines + " " * first.column + text[start:], wanted)
    start, end = value.start_mark.index, value.end_mark.index
    lines = _lines(name, entry, INDENT).rstrip()
    return _checked(f"{text[:start].rstrip()}\n{lines}{text[end:]}", wanted)


def without_entry(text: str, section: str, name: str) -> str:
    """``text`` without one entry of ``section``, which has it.

    :raises NotEditable: see there.
    """
    wanted = deepcopy(parse_yaml(text))
    del wanted[section][name]
    entries = getattr(_section(text, section), "value", [])
    names = [key.value for key, _ in entries]
    if name not in names:
        raise NotEditable
    place = names.index(name)
    start = entries[place][0].start_mark.line
    after = entries[place + 1][0].start_mark if place + 1 < len(entries) else None
    end = after or entries[place][1].end_mark
    lines = text.splitlines(keepends=True)
    stop = end.line + (end.column > 0 and after is None)
    while not lines[stop - 1].strip() or lines[stop - 1].lstrip().startswith("#"):
        stop -= 1  # a comment belongs to what follows it
    return _checked("".join(lines[:start] + lines[stop:]), wanted)


def _section(text: str, section: str) -> yaml.Node | None:
    root = yaml.compose(text, Loader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == section), None)


def _lines(name: str, entry: Mapping[str, Any], indent: str) -> str:
    """An entry in block style; JSON is YAML, and leaves nothing to guess."""
    members = (f"{indent}{INDENT}{each}: {json.dumps(value)}\n" for each, value in entry.items())
    return f"{indent}{json.dumps(name)}:\n{''.join(members)}"


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _checked(text: str, wanted: Any) -> str:
    try:
        same = _filled(parse_yaml(text)) == _filled(wanted)
    except Invalid:
        same = False
    if not same:
        raise NotEditable
    return text


def _filled(document: Any) -> Any:
    """Without sections that are empty, which say no more than none."""
    return {name: value for name, value in (document or {}).items() if value}

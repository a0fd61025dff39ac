"""Comparing an answer with the one that is written, value by value.

``<kind>`` stands for any value of the kind's pattern, ``<kind name>`` for the same one wherever
that name stands. Two names of a kind never stand for the same value, so that a new entity tag,
id or job is seen to be a new one.
"""

import datetime as dt
import json
import re
from typing import Any

KINDS = {
    "tag": r"[\x21\x23-\x7e]+",
    "id16": r"[A-Za-z0-9._~-]{16}",
    "now": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "count": r"0|[1-9]\d*",
    "text": r'(?:[^"\\]|\\.)+',
    "job": r"[A-Za-z0-9_-]+",
    "next": r"/[^<>\s]*[?&]cursor=[^<>&\s]+[^<>\s]*",
    "release": r"\d+\.\d+\.\d+[0-9a-z.+-]*",
}
CLOCKS_DIFFER = dt.timedelta(minutes=10)

_PLACEHOLDER = re.compile(r"<([a-z0-9]+)(?: ([a-z0-9_]+))?>|\$\{([a-z0-9_]+)\}")
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|<[a-z0-9_ ]+>|\s+|[^\s"<]+')


class Difference(AssertionError):
    """An answer is not the one that is written."""


class Names:
    """The values that have got a name so far."""

    def __init__(self, **given: str) -> None:
        self._values = dict(given)
        self._kinds = dict.fromkeys(given, "given")

    def copy(self) -> "Names":
        copied = Names(**self._values)
        copied._kinds = dict(self._kinds)
        return copied

    def fill(self, text: str) -> str:
        """``text`` with the values instead of their names."""
        return re.sub(r"\$\{([a-z0-9_]+)\}", lambda match: self._values[match[1]], text)

    def compare(self, what: str, written: str, answered: str) -> None:
        """:raises Difference: ``answered`` is not what is ``written``."""
        match = re.fullmatch(self._pattern(written), answered, re.DOTALL)
        if match is None:
            raise Difference(f"{what}\n  written:  {self.fill(written)}\n  answered: {answered}")
        for group, value in match.groupdict().items():
            kind, _, name = group.partition("__")
            self._check(what, kind, value)
            if not name.isdecimal():
                self._name(what, kind, name, value)

    def _pattern(self, written: str) -> str:
        """A regular expression with a group for each placeholder, called KIND__NAME."""
        pieces, end, seen = [], 0, set[str]()
        for number, match in enumerate(_PLACEHOLDER.finditer(written)):
            kind, name, given = match.groups()
            pieces += [re.escape(written[end : match.start()])]
            known = given or name
            group = f"{kind}__{name or number}"
            if given or known in self._values:
                pieces.append(re.escape(self._values[known]))
            elif group in seen:
                pieces.append(f"(?P={group})")
            else:
                pieces.append(f"(?P<{group}>{KINDS[kind]})")
                seen.add(group)
            end = match.end()
        return "".join([*pieces, re.escape(written[end:])])

    def _check(self, what: str, kind: str, value: str) -> None:
        if kind == "now":
            age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(value)
            if abs(age) > CLOCKS_DIFFER:
                raise Difference(f"{what}: {value} is not now")

    def _name(self, what: str, kind: str, name: str, value: str) -> None:
        of_kind = [known for known, other in self._kinds.items() if other == kind]
        same = [known for known in of_kind if self._values[known] == value]
        if same:
            raise Difference(f"{what}: {name} should be new, but is {same[0]}: {value}")
        self._values[name] = value
        self._kinds[name] = kind


def compact(text: str) -> str:
    """JSON without the white space between its tokens, else untouched."""
    tokens = _JSON_TOKEN.findall(text)
    if "".join(tokens) != text:
        raise Difference(f"a string does not end: {text}")
    return "".join(token for token in tokens if not token.isspace())


def problem(status: int, code: str, members: str | None) -> str:
    """The whole problem, from the short form that is written."""
    told = json.loads(members or "{}")
    told = {"errors": told} if isinstance(told, list) else told
    for error in told.get("errors", ()):
        error.setdefault("message", "<text>")
    usual = {
        "type": f"urn:customer-profiles:problem:{code}",
        "title": "<text>",
        "status": status,
        "detail": "<text>",
        "code": code,
    }
    return in_order(json.dumps(usual | told))


def in_order(text: str) -> str:
    """A problem with its members by name, and its errors by what they point at."""
    members: dict[str, Any] = json.loads(text)
    if "errors" in members:
        members["errors"].sort(key=lambda error: sorted({**error, "message": ""}.items()))
    return json.dumps(members, sort_keys=True, ensure_ascii=False)

"""Changes of the access file as text: comments and order stay."""

from typing import Any

import pytest

from app.access.editing import NotEditable, with_entry, without_entry
from app.access.template import TEMPLATE
from schemas.yaml_text import parse_yaml

ENTRY: dict[str, Any] = {"digest": "ab, c: #", "roles": ["a", "no"], "tenants": "*"}

TEXTS = {
    "empty": "",
    "comments": "# only\n# these",
    "template": TEMPLATE,
    "no end of line": "roles: {}",
    "empty section": "keys:\nroles: {}\n",
    "empty section with comment": "keys:  # of machines\nroles: {}\n",
    "flow section": "keys: {}  # of machines\nroles: {}\n",
    "block": "keys:\n  # first\n  b:\n    digest: x\n  # next\n  c: {digest: y}\n\n# end\n",
    "deep": "keys:\n        b:\n          digest: x\nroles: {}\n",
    "no indent": "roles:\n  a:\n  - x\nkeys:\n  b: {digest: x}",
    "windows": "keys:\r\n  b: {digest: x}\r\n",
}


def comments(text: str) -> list[str]:
    return [line.partition("#")[2] for line in text.splitlines() if "# " in line]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", ["ivr", "no", "1.10", "a@b"])
def test_an_entry_is_added_and_removed_again(text: str, name: str) -> None:
    before = parse_yaml(text) or {}
    added = with_entry(text, "keys", name, ENTRY)
    keys = before.get("keys") or {}
    assert parse_yaml(added) == before | {"keys": keys | {name: ENTRY}}
    assert comments(added.replace(' #"', "")) == comments(text)
    removed = without_entry(added, "keys", name)
    assert (parse_yaml(removed)["keys"] or {}) == keys
    assert comments(removed) == [each for each in comments(text) if each != " of machines"] or (
        comments(removed) == comments(text)
    )


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_any_entry_can_be_removed_and_the_others_stay_as_they_are(name: str) -> None:
    text = (
        "# head\nusers:\n  # of a\n  a: {x: 1}\n  # of b\n  b:\n    x: 2\n\n"
        "    y: 3\n  # of c\n  c:\n    x: 4\n\n# of keys\nkeys: {}\n"
    )
    removed = without_entry(text, "users", name)
    left = parse_yaml(text)
    del left["users"][name]
    assert parse_yaml(removed) == left
    assert comments(removed) == comments(text)


@pytest.mark.parametrize(
    "text", ["keys: {a: {x: 1}, b: {x: 2}}", "{keys: {a: {x: 1}}, roles: {b: []}}"]
)
def test_a_text_that_is_not_understood_is_not_changed(text: str) -> None:
    with pytest.raises(NotEditable):
        without_entry(text, "keys", "a")
    with pytest.raises(NotEditable):
        with_entry(text, "keys", "c", ENTRY)


@pytest.mark.parametrize("name", ["a", "b"])
def test_an_entry_that_another_one_refers_to_is_not_removed(name: str) -> None:
    with pytest.raises(NotEditable):
        without_entry("keys:\n  a: &a {x: 1}\n  b: *a\n", "keys", name)

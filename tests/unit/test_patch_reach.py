"""What a patch can reach, told from the patch alone."""

from dataclasses import replace
from typing import Any

import pytest

from app.services.patch_reach import Reach, json_patch_reach, merge_patch_reach
from schemas.masking import Masking
from tests.unit.schemas import a_definition

EXTENSIONS = ("Address", "a/b~c")
MASKING = Masking(a_definition({"FirstName": {}}))


def reach(*operations: dict[str, Any]) -> tuple[bool, bool]:
    found = json_patch_reach(list(operations), EXTENSIONS, MASKING)
    return found.extensions, found.reads_attributes


def op(name: str, path: Any, source: Any = None) -> dict[str, Any]:
    return {"op": name, "path": path, "value": 1} | ({} if source is None else {"from": source})


@pytest.mark.parametrize(
    ("patch", "touched"),
    [
        ({}, False),
        ({"FirstName": "B"}, False),
        ({"address": 1}, False),
        ({"FirstName": {"Address": 1}}, False),
        ({"Address": None}, True),
        ({"FirstName": "B", "Address": {"City": "H"}}, True),
        (None, False),
        (["Address"], False),
        ("Address", False),
    ],
)
def test_a_merge_patch_touches_the_extensions_that_it_names(patch: Any, touched: bool) -> None:
    found = merge_patch_reach(patch, EXTENSIONS, MASKING)
    assert replace(found, writes=frozenset()) == Reach(extensions=touched)


@pytest.mark.parametrize("name", ["add", "remove", "replace"])
@pytest.mark.parametrize(
    ("path", "touched"),
    [
        ("/FirstName", False),
        ("/EmailAddress/0", False),
        ("/EmailAddress/Address", False),
        ("/", False),
        ("/Address", True),
        ("/Address/City", True),
        ("/a~1b~0c/0/d", True),
        ("", True),
    ],
)
def test_a_write_touches_the_extension_that_its_path_leads_into(
    name: str, path: str, touched: bool
) -> None:
    assert reach(op(name, path))[0] is touched


@pytest.mark.parametrize(
    ("operation", "reads"),
    [
        (op("add", "/FirstName"), False),
        (op("add", ""), False),
        (op("replace", ""), False),
        (op("remove", "/FirstName"), True),
        (op("replace", "/FirstName"), True),
        (op("remove", "/EmailAddress/3"), True),
        (op("replace", "/EmailAddress/3"), True),
        (op("add", "/EmailAddress/3"), True),
        (op("add", "/EmailAddress/-"), True),
        (op("copy", "/EmailAddress/0", "/Address/City"), True),
        (op("move", "/EmailAddress/-", "/Address/City"), True),
        (op("remove", "/Address/City"), False),
        (op("add", "/Address/City"), False),
    ],
)
def test_a_write_that_takes_what_is_stored_reads_that(
    operation: dict[str, Any], reads: bool
) -> None:
    assert reach(operation)[1] is reads


def test_a_patch_says_what_it_writes_into() -> None:
    patch = [op("add", "/A"), op("remove", "/B/0"), op("copy", "/C", "/D"), op("test", "/E")]
    found = json_patch_reach(patch, EXTENSIONS, MASKING)
    assert [name for name in "ABCDEF" if found.is_own(name)] == ["A", "B", "C"]
    assert json_patch_reach([op("add", "")], EXTENSIONS, MASKING).is_own("A")
    merged = merge_patch_reach({"A": 1, "B": None}, EXTENSIONS, MASKING)
    assert [name for name in "ABC" if merged.is_own(name)] == ["A", "B"]
    assert merge_patch_reach(5, EXTENSIONS, MASKING).is_own("A")


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        (op("test", "/FirstName"), (False, True)),
        (op("test", "/Address/City"), (True, False)),
        (op("test", ""), (True, True)),
        (op("copy", "/Title", "/FirstName"), (False, True)),
        (op("copy", "/Address/City", "/FirstName"), (True, True)),
        (op("copy", "/Title", "/Address/City"), (True, False)),
        (op("copy", "/Title", ""), (True, True)),
        (op("move", "/Title", "/FirstName"), (False, True)),
        (op("move", "/Address/City", "/Address/County"), (True, False)),
        (op("add", "/Title", "/Address/City"), (False, False)),
    ],
)
def test_a_test_and_a_copy_read_what_they_look_at(
    operation: dict[str, Any], told: tuple[bool, bool]
) -> None:
    assert reach(operation) == told
    assert reach(op("add", "/Title"), operation) == told


@pytest.mark.parametrize(
    "patch",
    [
        None,
        {},
        [1],
        [None],
        [{}],
        [{"op": "nope", "path": "/Address"}],
        [{"op": [], "path": "/Address"}],
        [{"op": "test"}],
        [op("test", 1)],
        [op("test", None)],
        [op("test", "Address")],
        [op("test", "/~2")],
        [op("copy", "/Title", 1)],
    ],
)
def test_what_is_no_patch_reaches_nothing(patch: Any) -> None:
    found = json_patch_reach(patch, EXTENSIONS, MASKING)
    assert replace(found, writes=frozenset()) == Reach()

"""Which JSON Patches tell something of what is sensitive."""

from typing import Any

import pytest

from app.services.patch_reach import json_patch_reach
from schemas.masking import Masking
from tests.unit.schemas import a_definition, many

MASKING = Masking(
    a_definition(
        {"A": {"sensitive": True}, "X": {}}, many=many({"B": {"sensitive": True}, "Y": {}})
    )
)


def tells_of_it(patch: Any) -> bool:
    return json_patch_reach(patch, (), MASKING).reads_sensitive


def operation(op: str, path: Any, **members: Any) -> dict[str, Any]:
    source = {"from": members.pop("source")} if "source" in members else {}
    return {"op": op, "path": path, **source, **members}


@pytest.mark.parametrize("path", ["", "/A", "/A/0", "/Many", "/Many/0", "/Many/0/B"])
def test_testing_copying_and_moving_what_is_sensitive_tells_of_it(path: str) -> None:
    assert tells_of_it([operation("test", path, value="x")])
    for op in ("copy", "move"):
        assert tells_of_it([operation(op, "/X", source=path)])
        assert tells_of_it([operation(op, path, source="/X")])


@pytest.mark.parametrize("path", ["", "/A", "/Many/0/B"])
def test_writing_what_is_sensitive_tells_nothing_of_it(path: str) -> None:
    patch = [operation("add", path), operation("replace", path), operation("remove", path)]
    assert not tells_of_it(patch)


def test_reading_anything_else_tells_nothing_of_it() -> None:
    patch = [
        operation("test", "/X", value="x"),
        operation("copy", "/Many/0/Y", source="/X"),
        operation("move", "/X", source="/Many/1/Y"),
    ]
    assert not tells_of_it(patch)


def test_one_operation_among_many_is_enough() -> None:
    patch = [operation("add", "/X", value=1), operation("test", "/~0", value=1)]
    assert tells_of_it([*patch, operation("test", "/A", value=1)])


@pytest.mark.parametrize(
    "patch",
    [
        {},
        None,
        "test",
        [None],
        [[]],
        [{"op": "test"}],
        [{"op": ["test"], "path": "/A"}],
        [operation("test", 5)],
        [operation("test", None)],
        [operation("test", ["/A"])],
        [operation("test", "A")],
        [operation("test", "/A~2")],
        [operation("copy", "/X", source={})],
    ],
    ids=str,
)
def test_what_is_no_operation_is_left_to_the_patching(patch: Any) -> None:
    assert not tells_of_it(patch)


@pytest.mark.parametrize("operation", [[], {}, None, 1])
def test_an_operation_that_is_none_reads_nothing(operation: object) -> None:
    assert not tells_of_it([{"op": operation, "path": "/Ssn"}])

"""Places of faults: JSON Pointers (RFC 6901)."""

from typing import Any

import pytest

from schemas.faults import Fault, Invalid, Malformed, flatten, pointer


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ((), ""),
        (("",), "/"),
        (("a", 0, "b"), "/a/0/b"),
        (("a/b", "c~d"), "/a~1b/c~0d"),
        (("~1",), "/~01"),
    ],
)
def test_a_pointer_escapes_its_steps(steps: tuple[str | int, ...], text: str) -> None:
    assert pointer(*steps) == text


@pytest.mark.parametrize(
    ("messages", "faults"),
    [
        (["a", "b"], [("", "a"), ("", "b")]),
        (
            {"x": ["a"], "y": {0: ["b"], "z/": ["c"]}},
            [("/x", "a"), ("/y/0", "b"), ("/y/z~1", "c")],
        ),
        ({}, []),
    ],
)
def test_nested_messages_become_faults_in_their_order(
    messages: Any, faults: list[tuple[str, str]]
) -> None:
    assert [(fault.pointer, fault.message) for fault in flatten(messages)] == faults


def test_a_fault_of_the_whole_input_says_so() -> None:
    assert str(Fault("", "is empty")) == "(document): is empty"
    assert str(Fault("/a", "is wrong")) == "/a: is wrong"


def test_the_text_of_an_invalid_input_lists_every_fault() -> None:
    assert str(Invalid([Fault("/a", "x"), Fault("", "y")])) == "/a: x; (document): y"


def test_malformed_text_is_an_invalid_input_too() -> None:
    assert issubclass(Malformed, Invalid)

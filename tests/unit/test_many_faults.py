"""A body with more faults than are told is not looked into any further."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.services.patching import InvalidPatch, json_patch, merge_patch
from schemas.definition import Definition
from schemas.document import parse
from schemas.faults import MAX_FAULTS, MORE, Fault, Invalid, Refused
from schemas.reader import load_definition
from schemas.revising import add_extension, add_key, replace_attributes
from tests.unit.schemas import DEFAULT

COUNT = 10 * MAX_FAULTS


class Watched(list[Any]):
    """An array that counts how many of its elements were looked at."""

    looks = 0

    def __iter__(self) -> Iterator[Any]:
        for each in super().__iter__():
            self.looks += 1
            yield each


def in_extension(values: Any) -> Any:
    return DEFAULT.load({"Phone": values})


def in_attribute(values: Any) -> Any:
    return DEFAULT.load({"EmailAddress": values})


def as_records(values: Any) -> Any:
    return DEFAULT.load_records("Phone", values)


def as_several(values: Any) -> Any:
    return DEFAULT.load_extensions({"Phone": values})


def as_attributes(values: Any) -> Any:
    return replace_attributes(Definition(attributes=()), values)


def as_definition(values: Any) -> Any:
    return load_definition({"attributes": values})


def as_unique(values: Any) -> Any:
    raw = {"name": "E", "type": "multi-valued", "attributes": [{"name": "A", "type": "string"}]}
    return add_extension(Definition(attributes=()), raw | {"unique": values}, "e")


def as_key(values: Any) -> Any:
    return add_key(Definition(attributes=()), {"name": "K", "attributes": values}, "k", "job")


@pytest.mark.parametrize(
    ("load", "value"),
    [
        (in_extension, 1),
        (in_extension, {"a": 1}),
        (in_extension, {}),
        (in_attribute, 1),
        (as_records, {}),
        (as_records, {"Nope": 1}),
        (as_several, 1),
        (as_attributes, {}),
        (as_definition, 1),
        (as_unique, 1),
        (as_key, 1),
    ],
)
def test_no_more_elements_are_looked_at_than_it_takes(
    load: Callable[[Any], Any], value: Any
) -> None:
    values = Watched([value] * COUNT)
    with pytest.raises(Invalid) as refused:
        load(values)
    assert len(refused.value.faults) == MAX_FAULTS + 1
    assert refused.value.faults[-1] == MORE
    # Once quickly up to the first fault, and once for the faults; a first {} is none.
    assert values.looks <= MAX_FAULTS + 4


def test_just_as_many_as_are_told_are_told_all() -> None:
    with pytest.raises(Invalid) as refused:
        in_attribute([1] * MAX_FAULTS)
    pointers = [each.pointer for each in refused.value.faults]
    assert pointers == [f"/EmailAddress/{index}" for index in range(MAX_FAULTS)]


def test_a_fault_beside_those_that_are_told_is_not_lost_in_silence() -> None:
    with pytest.raises(Invalid) as refused:
        DEFAULT.load({"EmailAddress": [1] * MAX_FAULTS, "customer_id": "b"}, "a")
    assert refused.value.faults[0].pointer == "/customer_id"
    assert (len(refused.value.faults), refused.value.faults[-1]) == (MAX_FAULTS + 1, MORE)


@pytest.mark.parametrize("text", ['"%s":1', '"%s":1,"%s":1'])
def test_of_wrong_names_as_many_are_told(text: str) -> None:
    names = (f"n{number}" for number in range(COUNT))
    body = parse(f"{{{','.join(text.replace('%s', name) for name in names)}}}".encode())
    with pytest.raises(Invalid) as refused:
        DEFAULT.load(body)
    assert refused.value.faults[-1] == MORE


def test_faults_that_are_not_told_are_never_made() -> None:
    made: list[Fault] = []

    def faults() -> Iterator[Fault]:
        for number in range(COUNT):
            made.append(Fault(f"/{number}", "is wrong"))
            yield made[-1]

    assert Refused(faults()).faults == (*made[:MAX_FAULTS], MORE)
    assert len(made) == MAX_FAULTS + 1


@pytest.mark.parametrize("apply", [merge_patch, json_patch])
def test_of_names_given_twice_in_a_patch_as_many_are_told(
    apply: Callable[[Any, Any], Any],
) -> None:
    patch = parse(b"[%s]" % b",".join([b'{"a":1,"a":1}'] * COUNT))
    with pytest.raises(InvalidPatch) as refused:
        apply({}, patch)
    assert [each.pointer for each in refused.value.faults[:2]] == ["/0/a", "/1/a"]
    assert refused.value.faults[-1] == MORE

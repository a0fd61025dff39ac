"""What a query gives: names and texts, and the key that answers it."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.identity import (
    Criteria,
    IdentitySchema,
    KeyIncomplete,
    NoKey,
    UnknownKey,
    WrongCriteria,
)
from tests.unit.schemas import DEFAULT, a_definition, many

IDENTITY = IdentitySchema(DEFAULT.definition)
UNKNOWN = "is not known here"


def faults(*pairs: tuple[str, str]) -> dict[str, str]:
    with pytest.raises(WrongCriteria) as caught:
        IDENTITY.criteria(pairs)
    return caught.value.faults


def test_criteria_tell_what_is_given() -> None:
    pairs = [("LastName", "a"), ("Phone.prefix", "1"), ("LastName", "b"), ("Address.City", "c")]
    criteria = IDENTITY.criteria(pairs)
    assert criteria.attributes == ("LastName",)
    assert criteria.extensions == ("Phone", "Address")
    assert criteria.values["profile"] == {"LastName": ("a", "b")}


def test_criteria_may_be_none() -> None:
    assert IDENTITY.criteria([]) == Criteria({})
    assert IDENTITY.criteria([]).attributes == ()


SENSITIVE = IdentitySchema(
    a_definition(
        {"Pin": {"sensitive": True}, "Name": {}}, many=many({"Code": {"sensitive": True}, "X": {}})
    )
)


@pytest.mark.parametrize("name", ["Pin", "Many.Code"])
def test_only_who_may_see_a_sensitive_value_tries_several_at_once(name: str) -> None:
    several = [(name, "1"), (name, "2"), (name, "3")]
    SENSITIVE.criteria(several)
    with pytest.raises(WrongCriteria) as caught:
        SENSITIVE.criteria(several, concealing=True)
    assert list(caught.value.faults) == [name]
    assert caught.value.faults[name].startswith("is sensitive")


def test_one_value_of_each_and_several_of_others_may_be_tried_by_everybody() -> None:
    given = [("Pin", "1"), ("Pin", "1"), ("Many.Code", "2"), ("Name", "a"), ("Name", "b")]
    criteria = SENSITIVE.criteria([*given, ("Many.X", "1"), ("Many.X", "2")], concealing=True)
    assert criteria.values["profile"] == {"Pin": ("1",), "Name": ("a", "b")}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lastname", f"{UNKNOWN}, did you mean LastName?"),
        ("LastNam", f"{UNKNOWN}, did you mean LastName?"),
        ("phone.PhoneNumber", f"{UNKNOWN}, did you mean Phone.PhoneNumber?"),
        ("Phone.Number", f"{UNKNOWN}, did you mean PhoneNumber?"),
        ("Vip", UNKNOWN),
        ("customer_id", UNKNOWN),
        ("zzz", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_an_unknown_name_is_told_with_the_right_spelling(name: str, message: str) -> None:
    assert faults((name, "x")) == {name: message}


def test_every_fault_is_told_once_per_name() -> None:
    pairs = [("DOB", "x"), ("DOB", "y"), ("zzz", "1"), ("Phone.PhoneType", "1.5")]
    assert faults(*pairs, ("LastName", "a")) == {
        "DOB": "must be a date, YYYY-MM-DD",
        "zzz": UNKNOWN,
        "Phone.PhoneType": "must be a whole number of 32 bits",
    }


def test_after_many_unknown_names_only_the_case_is_suggested() -> None:
    told = faults(*((f"zz{number}", "x") for number in range(20)), ("LastNam", "x"), ("dob", "x"))
    assert (told["LastNam"], told["dob"]) == (UNKNOWN, f"{UNKNOWN}, did you mean DOB?")


def test_a_fault_does_not_repeat_the_value() -> None:
    assert "secret" not in faults(("DOB", "secret"))["DOB"]


KEYS: dict[str, dict[str, Any]] = {
    "ab": {"attributes": ["A", "B"]},
    "acd": {"attributes": ["A", "C", "D"]},
    "b": {"attributes": ["B"]},
    "many": {"attributes": ["A", "B"], "source": "Many"},
}


def an_identity(*names: str, building: tuple[str, ...] = ()) -> IdentitySchema:
    attributes: dict[str, dict[str, Any]] = {name: {} for name in "ABCD"}
    keys = [{"name": name} | KEYS[name] for name in names]
    definition = a_definition(attributes, *keys, many=many({"A": {}, "B": {}}))
    marked = [replace(key, build="job" * (key.name in building)) for key in definition.keys]
    return IdentitySchema(replace(definition, keys=tuple(marked)))


def chosen(identity: IdentitySchema, given: str, key: str | None = None) -> str:
    """The name of the key for a query that gives these attributes."""
    return identity.choose(identity.criteria((name, "x") for name in given.split()), key).name


@pytest.mark.parametrize(
    ("keys", "given", "name"),
    [
        (("ab", "acd", "b"), "A B", "ab"),
        (("ab", "acd", "b"), "A C", "acd"),
        (("ab", "acd", "b"), "A", "ab"),
        (("acd", "ab", "b"), "A", "acd"),
        (("acd", "ab", "b"), "A C B", "ab"),
        (("b", "ab"), "A B", "b"),
        (("ab", "b"), "A B", "ab"),
        (("acd", "b"), "A C B", "b"),
        (("acd", "ab"), "A D", "acd"),
        (("ab", "many"), "Many.A", "many"),
        (("ab", "many"), "A Many.A Many.B", "many"),
    ],
    ids=str,
)
def test_the_key_that_fits_best_is_inferred(keys: tuple[str, ...], given: str, name: str) -> None:
    assert chosen(an_identity(*keys), given) == name


@pytest.mark.parametrize("name", ["acd", "ACD"])
def test_a_key_is_named_in_any_case(name: str) -> None:
    assert chosen(an_identity("ab", "acd"), "A B", name) == "acd"


@pytest.mark.parametrize("given", ["B", "C D", "Many.B", ""])
def test_without_a_leading_attribute_all_keys_are_told(given: str) -> None:
    with pytest.raises(NoKey) as caught:
        chosen(an_identity("ab", "many", building=("many",)), given)
    assert caught.value.starts == [("ab", "A"), ("many", "Many.A")]


def test_without_keys_none_is_told() -> None:
    with pytest.raises(NoKey) as caught:
        chosen(an_identity(), "A")
    assert caught.value.starts == []


@pytest.mark.parametrize("building", [(), ("ab",)])
def test_the_first_attribute_of_a_named_key_must_be_given(building: tuple[str, ...]) -> None:
    with pytest.raises(NoKey) as caught:
        chosen(an_identity("ab", "b", building=building), "B", "ab")
    assert caught.value.starts == [("ab", "A")]


@pytest.mark.parametrize(("name", "hint"), [("abb", ", did you mean ab?"), ("zzz", ""), ("", "")])
def test_a_name_of_no_key_is_told_with_the_right_one(name: str, hint: str) -> None:
    with pytest.raises(UnknownKey) as caught:
        chosen(an_identity("ab", "many"), "A", name)
    assert (caught.value.name, caught.value.hint) == (name, hint)


def test_a_key_that_is_being_filled_is_passed_over() -> None:
    assert chosen(an_identity("ab", "acd", building=("ab",)), "A B") == "acd"


@pytest.mark.parametrize("name", ["ab", None])
def test_a_key_that_is_being_filled_is_told_where_there_is_no_other(name: str | None) -> None:
    with pytest.raises(KeyIncomplete) as caught:
        chosen(an_identity("ab", "many", building=("ab",)), "A B", name)
    assert caught.value.key.name == "ab"

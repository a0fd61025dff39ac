"""The plain model gives what the contract says, by its own examples."""

from typing import Any

import pytest

from tests.oracle.answers import Answer, Condition, Order
from tests.oracle.finding import Pairs, Question
from tests.oracle.model import First
from tests.oracle.model_parts import Oracle
from tests.oracle.patches import json_patch, merge_patch

PLAIN = Order()
BRUCE = {"FirstName": "Bruce", "LastName": "Banner", "DOB": "1962-05-10"}
ADDRESS = {"Type": 1, "Address": "21 JumpStreet", "City": "Hollywood"}


def model_of(**profiles: dict[str, Any]) -> Oracle:
    model = Oracle()
    for customer_id, body in profiles.items():
        assert model.create_at(customer_id, body, First(customer_id, 1), PLAIN).status == 201
    return model


def told(answer: Answer) -> tuple[int, str | None]:
    return answer.status, answer.code


def whole(model: Oracle, customer_id: str) -> Any:
    return model.query(customer_id, "*").body


def found(model: Oracle, *given: tuple[str, str]) -> list[str]:
    return [each["customer_id"] for each in model.identify(Question(list(given))).body]


def test_a_body_without_extensions_leaves_them_and_one_with_any_replaces_all() -> None:
    model = model_of(a={**BRUCE, "Address": ADDRESS, "Phone": {"PhoneNumber": "1"}})
    model.update("a", {"FirstName": "Bo"}, PLAIN)
    phone = [{"PhoneType": 0, "PhoneNumber": "1"}]
    expected = {"customer_id": "a", "FirstName": "Bo", "Address": ADDRESS, "Phone": phone}
    assert whole(model, "a") == expected
    model.update("a", {"Address": []}, PLAIN)
    assert whole(model, "a") == {"customer_id": "a"}


def test_every_fault_is_told_with_its_place() -> None:
    body = {
        "DOB": "1962-13-01",
        "PhoneNumber": ["1", 2],
        "Nonsense": 1,
        "Phone": [{"PhoneNumber": "1"}, {"PhoneNumber": "1"}, {"PhoneType": True}],
        "customer_id": "b",
    }
    answer = model_of(a={}).update("a", body, PLAIN)
    assert told(answer) == (400, "invalid_profile")
    places = {"/DOB", "/PhoneNumber/1", "/Nonsense", "/Phone/1", "/Phone/2/PhoneType"}
    assert answer.pointers == frozenset(places | {"/customer_id"})


def test_a_moment_is_answered_in_utc() -> None:
    model = model_of(a={"LastCalledAgent_TimeStamp": "2020-01-01T11:00:00+01:00"})
    assert whole(model, "a")["LastCalledAgent_TimeStamp"] == "2020-01-01T10:00:00.000Z"


def test_a_write_takes_the_version_that_it_asks_for_only() -> None:
    model = model_of(a={})
    stale = Order(Condition(frozenset({7})))
    assert told(model.update("a", {}, stale)) == (412, "precondition_failed")
    right = Order(Condition(frozenset({1})))
    assert model.update("a", {}, right).version == 2
    assert told(model.create_at("a", {}, First("a", 1), PLAIN)) == (412, "precondition_failed")
    assert model.query("a", None, Condition(none_match="*")).status == 304


@pytest.mark.parametrize(
    ("body", "status", "city"),
    [
        ({}, 409, "Rom"),
        ({"force_merge": True}, 204, "Bonn"),
        ({"keep_uniq_from_src": True}, 204, "Bonn"),
        ({"keep_uniq_from_src": "false"}, 204, "Rom"),
    ],
)
def test_a_conflict_of_a_merge_is_settled_as_asked(
    body: dict[str, Any], status: int, city: str
) -> None:
    model = model_of(
        a={"EmailAddress": "x", "Address": {"City": "Rom"}},
        b={"EmailAddress": ["y", "x"], "Address": {"City": "Bonn"}, "Vip": {}},
    )
    answer = model.merge("a", "b", body, Condition())
    assert answer.status == status
    assert answer.pointers == (frozenset({"/Address"}) if status == 409 else None)
    assert whole(model, "a")["Address"] == {"City": city}
    if status == 204:
        assert whole(model, "b") == whole(model, "a")
        assert whole(model, "a")["EmailAddress"] == ["x", "y"]


def test_a_merged_id_leads_to_the_survivor_until_that_is_deleted() -> None:
    model = model_of(a={}, b={}, c={})
    model.merge("b", "a", None, Condition())
    model.merge("c", "b", None, Condition())
    assert model.query("a").place == "c"
    assert model.update("a", {}, PLAIN).told == {"survivor": "c"}
    model.delete("c", Condition())
    assert model.create({"customer_id": "b"}, First("b", 9), PLAIN).version == 9
    assert told(model.query("a")) == (404, "profile_not_found")


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ([("LastName", "Banner")], ["a", "b"]),
        ([("LastName", "Banner"), ("DOB", "1962-05-10")], ["a"]),
        ([("PhoneNumber", "2")], ["a"]),
        ([("PhoneNumber", "2"), ("PhoneNumber", "3")], ["a", "b"]),
        ([("Phone.PhoneNumber", "9"), ("Phone.PhoneType", "0")], []),
        ([("Title", "DR")], ["b"]),
        ([("LastName", "banner")], []),
    ],
)
def test_identify_finds_who_has_all_that_is_given(given: Pairs, ids: list[str]) -> None:
    phones = [{"PhoneNumber": "9", "PhoneType": 1}, {"PhoneNumber": "8"}]
    model = model_of(
        a={**BRUCE, "PhoneNumber": ["1", "2"], "Phone": phones},
        b={"LastName": "Banner", "PhoneNumber": "3", "Title": "Dr"},
    )
    assert found(model, *given) == ids


def test_the_key_that_is_given_whole_wins_then_the_longest_start() -> None:
    model = model_of(a=BRUCE)

    def key(*names: str) -> str:
        given = [(name, "1962-05-10") for name in names]
        return str(model.identify(Question(given, explain=True)).body["key"])

    assert key("LastName", "EmailAddress") == "email"
    assert key("FirstName", "LastName", "PhoneNumber") == "phone"
    assert key("FirstName", "LastName") == "name_birth"
    assert told(model.identify(Question([("FirstName", "Bruce")]))) == (400, "no_key")


def test_a_record_is_selected_by_its_unique_attributes() -> None:
    model = model_of(a={"Phone": [{"PhoneNumber": "1"}, {"PhoneNumber": "2", "prefix": "00"}]})
    model.insert("a", {"Phone": {"PhoneNumber": "1", "prefix": "01"}}, PLAIN)
    model.update_record("a", "phone", {"PhoneNumber": "2", "PhoneType": None}, PLAIN)
    expected = [
        {"PhoneType": 0, "PhoneNumber": "1", "prefix": "01"},
        {"PhoneType": 0, "PhoneNumber": "2", "prefix": "00"},
    ]
    assert whole(model, "a")["Phone"] == expected
    gone = model.delete_record("a", "Phone", {"PhoneNumber": "3"}, PLAIN)
    assert told(gone) == (404, "record_not_found")
    none = model.delete_record("a", "Address", {"City": "Rom"}, PLAIN)
    assert told(none) == (400, "no_unique_attributes")


def test_a_removed_extension_is_gone_from_all_versions() -> None:
    model = model_of(a={"Address": ADDRESS})
    model.update("a", {}, PLAIN)
    assert model.drop_extension("Address").status == 204
    model.add_extension({"name": "Address", "type": "classifier"})
    assert model.at_version("a", 1, "*").body == {"customer_id": "a"}
    assert told(model.drop_extension("Phone")) == (409, "in_use")


def test_the_examples_of_the_patch_standards() -> None:
    document = {"a": "b", "c": {"d": "e", "f": "g"}}
    assert merge_patch(document, {"a": "z", "c": {"f": None}}) == {"a": "z", "c": {"d": "e"}}
    assert merge_patch({"a": "b"}, ["c"]) == ["c"]
    moved = [{"op": "move", "from": "/foo/1", "path": "/foo/3"}]
    food = {"foo": ["all", "grass", "cows", "eat"]}
    assert json_patch(food, moved) == {"foo": ["all", "cows", "eat", "grass"]}

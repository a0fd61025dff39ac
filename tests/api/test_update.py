"""Update: the overwrite rules, one by one."""

from typing import Any

import pytest

from tests.api.conftest import number_of, tag_of, unchanged
from tests.support.client import ApiClient

ATTRIBUTES = {"FirstName": "Bruce", "LastName": "Banner", "EmailAddress": ["a@x", "b@x"]}
EXTENSIONS = {
    "Address": {"City": "Hollywood", "Country": "United States"},
    "Phone": [{"PhoneType": 1, "PhoneNumber": "555"}, {"PhoneType": 0, "PhoneNumber": "556"}],
    "Vip": {},
}


@pytest.fixture
def path(api: ApiClient) -> str:
    return api.created(ATTRIBUTES | EXTENSIONS)


def test_an_attribute_that_the_body_leaves_out_is_gone(api: ApiClient, path: str) -> None:
    api.put(path, {"LastName": "Ross"})
    assert api.get(path).json == {"customer_id": path[10:], "LastName": "Ross"}


def test_an_empty_body_removes_every_attribute(api: ApiClient, path: str) -> None:
    api.put(path, {})
    assert api.profile(path) == EXTENSIONS


def test_null_is_no_value(api: ApiClient, path: str) -> None:
    api.put(path, {"FirstName": None, "EmailAddress": None, "LastName": "Ross"})
    assert api.get(path).json == {"customer_id": path[10:], "LastName": "Ross"}


def test_a_body_without_extensions_leaves_them_untouched(api: ApiClient, path: str) -> None:
    api.put(path, {"FirstName": "Betty"})
    assert api.profile(path) == {"FirstName": "Betty"} | EXTENSIONS


@pytest.mark.parametrize(
    "named",
    [
        {"Address": {"City": "Malibu"}},
        {"Phone": [{"PhoneType": 2, "PhoneNumber": "557"}]},
        {"Vip": {}},
        {"Address": {"City": "Malibu"}, "Vip": {}},
    ],
    ids="+".join,
)
def test_a_body_with_any_extension_replaces_the_whole_set(
    api: ApiClient, path: str, named: dict[str, Any]
) -> None:
    api.put(path, {"FirstName": "Betty"} | named)
    assert api.profile(path) == {"FirstName": "Betty"} | named


@pytest.mark.parametrize(
    ("name", "empty"),
    [
        ("Address", []),
        ("Address", {}),
        ("Address", None),
        ("Phone", []),
        ("Phone", {}),
        ("Phone", None),
        ("Vip", []),
        ("Vip", None),
    ],
    ids=str,
)
def test_an_extension_without_records_counts_as_named(
    api: ApiClient, path: str, name: str, empty: object
) -> None:
    api.put(path, ATTRIBUTES | {name: empty})
    assert api.profile(path) == ATTRIBUTES


def test_an_extension_without_records_is_removed_and_the_others_are_kept_if_named(
    api: ApiClient, path: str
) -> None:
    api.put(path, {"Address": None, "Phone": EXTENSIONS["Phone"]})
    assert api.profile(path) == {"Phone": EXTENSIONS["Phone"]}


def test_a_lone_object_is_an_array_of_one_for_a_multi_valued_extension(
    api: ApiClient, path: str
) -> None:
    api.put(path, {"Phone": {"PhoneType": 1, "PhoneNumber": "557"}})
    assert api.profile(path) == {"Phone": [{"PhoneType": 1, "PhoneNumber": "557"}]}


def test_an_array_is_refused_for_a_single_valued_extension(api: ApiClient, path: str) -> None:
    with unchanged(api, path):
        refused = api.put(path, {"Address": [{"City": "Malibu"}]}, expect=400)
    assert api.faults(refused) == {"/Address": "must be an object"}


def test_records_of_the_same_unique_values_are_refused(api: ApiClient, path: str) -> None:
    twice = [{"PhoneNumber": "1"}, {"PhoneNumber": "2"}, {"PhoneNumber": "1", "prefix": "9"}]
    with unchanged(api, path):
        refused = api.put(path, {"Phone": twice}, expect=400)
    assert set(api.faults(refused)) == {"/Phone/2"}


def test_the_id_in_the_body_may_be_that_of_the_url(api: ApiClient, path: str) -> None:
    api.put(path, {"customer_id": path[10:], "FirstName": "Betty"})
    api.put(path, {"customer_id": None, "FirstName": "Betty"})
    assert api.get(path).json == {"customer_id": path[10:], "FirstName": "Betty"}


@pytest.mark.parametrize("other", ["other", "", "a" * 17, 5, ["x"]])
def test_another_id_in_the_body_is_refused(api: ApiClient, path: str, other: object) -> None:
    with unchanged(api, path):
        refused = api.put(path, {"customer_id": other}, expect=400)
    assert set(api.faults(refused)) == {"/customer_id"}


def test_an_id_in_the_body_that_differs_in_case_is_another_one(api: ApiClient) -> None:
    path = api.created({"customer_id": "abc"})
    with unchanged(api, path):
        api.put(path, {"customer_id": "ABC"}, expect=400)


def test_an_unknown_id_is_not_found_and_nothing_is_stored(api: ApiClient) -> None:
    refused = api.put("/profiles/nobody", ATTRIBUTES | EXTENSIONS, expect=404)
    assert refused.json
    assert refused.json["code"] == "profile_not_found"
    api.get("/profiles/nobody", expect=404)


def test_a_deleted_profile_is_not_found_and_stays_deleted(api: ApiClient, path: str) -> None:
    api.delete(path)
    api.put(path, ATTRIBUTES, expect=404)
    api.put(path, EXTENSIONS, expect=404)
    api.get(path, expect=404)


def test_the_answer_tells_the_id_the_place_and_the_version(api: ApiClient, path: str) -> None:
    answer = api.put(path, ATTRIBUTES)
    assert answer.json == {"customer_id": path[10:]}
    assert answer.headers["Content-Location"] == path
    assert answer.headers["ETag"] == tag_of(api, path)
    assert "Location" not in answer.headers


def test_each_update_is_the_next_version_even_without_a_difference(
    api: ApiClient, path: str
) -> None:
    tags = [tag_of(api, path), *(api.put(path, ATTRIBUTES).headers["ETag"] for _ in range(3))]
    assert [number_of(tag) for tag in tags] == [1, 2, 3, 4]


def test_a_parameter_is_refused_and_nothing_is_stored(api: ApiClient, path: str) -> None:
    with unchanged(api, path):
        refused = api.put(f"{path}?extensions=*&x=1", {}, expect=400)
    assert set(api.faults(refused)) == {"extensions", "x"}


def test_a_profile_without_extensions_put_back_leaves_them(api: ApiClient, path: str) -> None:
    api.put(path, api.get(path).data)
    assert api.profile(path) == ATTRIBUTES | EXTENSIONS


@pytest.mark.parametrize(
    "body",
    [
        ATTRIBUTES | EXTENSIONS,
        {},
        {"EmailAddress": []},
        {"EmailAddress": "a@x"},
        {"EmailAddress": ["a@x"]},
        {"Vip": {}},
        {"Phone": [{}]},
        {"Phone": [{"PhoneNumber": None}]},
        {"Address": {"City": None}},
        {"Address": {"City": "", "Type": -1}},
    ],
    ids=str,
)
def test_what_query_returned_can_be_put_as_it_is(api: ApiClient, body: dict[str, Any]) -> None:
    path = api.created(body)
    returned = api.get(f"{path}?extensions=*").data
    api.put(path, returned)
    assert api.get(f"{path}?extensions=*").data == returned


@pytest.mark.parametrize("value", ["a@x", ["a@x"], ["b@x", "a@x", "b@x"], [], ""], ids=str)
def test_a_scalar_stays_a_scalar_and_an_array_keeps_its_order(
    api: ApiClient, path: str, value: object
) -> None:
    api.put(path, {"EmailAddress": value})
    assert api.get(path).json == {"customer_id": path[10:], "EmailAddress": value}


def test_an_array_is_refused_where_one_value_is_defined(api: ApiClient, path: str) -> None:
    with unchanged(api, path):
        refused = api.put(path, {"FirstName": ["Bruce"]}, expect=400)
    assert api.faults(refused) == {"/FirstName": "must be a string"}


def test_attributes_and_records_keep_the_order_of_the_body(api: ApiClient, path: str) -> None:
    sent = b'{"Title":"Dr","FirstName":"B","Address":{"PostCode":"5","City":"C"}}'
    api.put(path, sent)
    returned = api.get(f"{path}?extensions=*").data
    assert returned == b'{"customer_id":"%s",%s' % (path[10:].encode(), sent[1:])

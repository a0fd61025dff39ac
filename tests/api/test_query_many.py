"""Reading several profiles by their ids."""

from typing import Any

import pytest

from app.limits import MAX_IDS
from tests.api.conftest import tag_of
from tests.support.client import ApiClient

ONE = {"customer_id": "one", "FirstName": "Bruce", "Address": {"City": "Dayton"}, "Vip": {}}
TWO = {"customer_id": "two", "FirstName": "Betty", "Phone": [{"PhoneNumber": "1"}]}


@pytest.fixture(autouse=True)
def _profiles(api: ApiClient) -> None:
    for each in (ONE, TWO):
        api.created(each)


def read(api: ApiClient, query: str) -> Any:
    return api.get(f"/profiles?customer_id={query}").json


def test_they_come_whole_in_the_order_of_the_ids(api: ApiClient) -> None:
    one, two = ({"customer_id": each["customer_id"]} for each in (ONE, TWO))
    one["FirstName"], two["FirstName"] = "Bruce", "Betty"
    assert read(api, "two,one") == [two, one]
    assert read(api, "one,two") == [one, two]
    assert read(api, "two") == [two]


def test_each_is_as_a_query_answers_it(api: ApiClient) -> None:
    for extensions in ("*", "Phone", "vip,address"):
        told = [
            api.get(f"/profiles/{each}?extensions={extensions}").json for each in ("one", "two")
        ]
        assert read(api, f"one,two&extensions={extensions}") == told


def test_ids_without_a_profile_are_left_out_and_repeated_ones_count_once(api: ApiClient) -> None:
    api.delete("/profiles/one")
    assert [each["customer_id"] for each in read(api, "never,two,one,two")] == ["two"]
    assert read(api, "never") == []


def test_a_merged_id_answers_as_its_survivor_once(api: ApiClient) -> None:
    api.send("PUT", "/profiles/one/merge/two", expect=204)
    assert [each["customer_id"] for each in read(api, "two")] == ["one"]
    assert [each["customer_id"] for each in read(api, "two,one")] == ["one"]


def test_explained_it_says_which_id_led_where_and_to_which_version(api: ApiClient) -> None:
    api.send("PUT", "/profiles/one/merge/two", expect=204)
    answer = api.get("/profiles?customer_id=two,never,one", Prefer="explain")
    told: Any = answer.json
    tag = tag_of(api, "/profiles/one").strip('"')
    assert answer.headers["Preference-Applied"] == "explain"
    assert told["profiles"] == read(api, "one")
    assert told["missing"] == ["never"]
    assert told["found"] == [
        {"asked": each, "customer_id": "one", "etag": tag} for each in ("two", "one")
    ]


def test_a_write_is_seen_by_the_next_read(api: ApiClient) -> None:
    api.put("/profiles/one", {"FirstName": "Hulk"})
    assert read(api, "one,two")[0]["FirstName"] == "Hulk"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("customer_id=", "customer_id"),
        ("customer_id=one,", "customer_id"),
        ("customer_id=one,,two", "customer_id"),
        ("customer_id=one, two", "customer_id"),
        ("customer_id=seventeen-letters", "customer_id"),
        ("customer_id=" + ",".join(["one"] * (MAX_IDS + 1)), "customer_id"),
        ("customer_id=one&extensions=Nope", "extensions"),
        ("customer_id=one&FirstName=Bruce", "FirstName"),
        ("customer_id=one&include_profile=yes", "include_profile"),
        ("customer_id=one&limit=5", "limit"),
        ("customer_id=one&limit=100&limit=100", "limit"),
        ("customer_id=one&customer_id=", "customer_id"),
    ],
)
def test_what_cannot_be_asked_is_refused(api: ApiClient, query: str, name: str) -> None:
    refused = api.get(f"/profiles?{query}", expect=400)
    assert list(api.faults(refused)) == [name]


def test_ids_may_be_repeated_as_well_as_separated_by_commas(api: ApiClient) -> None:
    asked = api.get("/profiles?customer_id=one,three,never").json
    assert api.get("/profiles?customer_id=one&customer_id=three,never").json == asked


def test_what_a_client_sends_of_the_defaults_changes_nothing(api: ApiClient) -> None:
    defaults = "limit=100&include_profile=no&include_extensions=always"
    asked = api.get("/profiles?customer_id=one").json
    assert api.get(f"/profiles?customer_id=one&{defaults}").json == asked


def test_a_fault_says_which_id_is_wrong(api: ApiClient) -> None:
    refused = api.get("/profiles?customer_id=one,t%20o,two", expect=400)
    assert api.faults(refused)["customer_id"].startswith("the id at place 2 must be 1 to 16")


def test_as_many_as_may_be_named_are_read(api: ApiClient) -> None:
    ids = ["one", *(f"never-{number}" for number in range(MAX_IDS - 1))]
    assert len(read(api, ",".join(ids))) == 1

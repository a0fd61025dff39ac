"""Create: whose id it is, where the profile is then, and when it is refused."""

import re

import pytest

from tests.api.conftest import number_of, tag_of, unchanged
from tests.support.client import ApiClient
from tests.support.creators import EXAMPLE

IDS = ["a", "0123456789abcdef", "A.b_c~d-e", "...", "-", "~", "0"]


def test_a_made_id_has_16_letters_and_digits_and_is_answered(api: ApiClient) -> None:
    answer = api.post({"FirstName": "Bruce"})
    assert answer.json
    assert list(answer.json) == ["customer_id"]
    assert re.fullmatch("[A-Za-z0-9]{16}", answer.json["customer_id"])


def test_the_location_is_where_the_new_profile_is(api: ApiClient) -> None:
    answer = api.post(EXAMPLE)
    assert answer.json
    assert answer.headers["Location"] == f"/profiles/{answer.json['customer_id']}"
    assert api.profile(answer.headers["Location"]) == EXAMPLE


def test_the_entity_tag_of_the_answer_is_that_of_the_new_profile(api: ApiClient) -> None:
    answer = api.post(EXAMPLE)
    assert answer.headers["ETag"] == tag_of(api, answer.headers["Location"])


def test_made_ids_are_never_the_same(api: ApiClient) -> None:
    assert len({api.created({}) for _ in range(50)}) == 50


@pytest.mark.parametrize("customer_id", IDS)
def test_an_id_in_the_body_is_honoured(api: ApiClient, customer_id: str) -> None:
    path = api.created({"customer_id": customer_id, "FirstName": "Bruce"})
    assert path == f"/profiles/{customer_id}"
    assert api.get(path).json == {"customer_id": customer_id, "FirstName": "Bruce"}


def test_an_id_that_is_null_is_made(api: ApiClient) -> None:
    answer = api.post({"customer_id": None})
    assert answer.json
    assert len(answer.json["customer_id"]) == 16


@pytest.mark.parametrize("customer_id", ["", "a" * 17, "a/b", "ä", "a b", "a\n", ".", "..", 5, []])
def test_an_id_in_the_body_that_can_be_none_is_refused(
    api: ApiClient, customer_id: object
) -> None:
    refused = api.post({"customer_id": customer_id}, expect=400)
    assert api.faults(refused) == {"/customer_id": "must be 1 to 16 of A-Z a-z 0-9 . _ ~ -"}


def test_ids_are_told_apart_by_case(api: ApiClient) -> None:
    api.post({"customer_id": "abc", "FirstName": "Bruce"})
    api.post({"customer_id": "ABC", "FirstName": "Betty"})
    assert api.profile("/profiles/abc") == {"FirstName": "Bruce"}


def test_an_id_that_is_taken_is_refused_and_its_profile_stays(api: ApiClient) -> None:
    path = api.created(EXAMPLE | {"customer_id": "taken"})
    with unchanged(api, path):
        refused = api.post({"customer_id": "taken", "FirstName": "Betty"}, expect=409)
    assert refused.json
    assert refused.json["code"] == "profile_exists"


@pytest.mark.parametrize("path", ["/profiles", "/profiles/"])
def test_a_trailing_slash_is_accepted(api: ApiClient, path: str) -> None:
    answer = api.send("POST", path, {"customer_id": "slash"}, expect=201)
    assert answer.headers["Location"] == "/profiles/slash"


def test_if_none_match_any_creates_under_a_free_id(api: ApiClient) -> None:
    api.post({"customer_id": "free"}, If_None_Match="*")
    api.post({}, If_None_Match="*")


def test_if_none_match_any_refuses_an_id_that_is_taken(api: ApiClient) -> None:
    path = api.created({"customer_id": "taken", "FirstName": "Bruce"})
    with unchanged(api, path):
        api.post({"customer_id": "taken"}, expect=412, If_None_Match="*")


@pytest.mark.parametrize("condition", ["*", '"1-00000000000000000000000000000000"'])
def test_if_match_is_never_true_of_a_profile_that_is_not_there(
    api: ApiClient, condition: str
) -> None:
    api.post({"customer_id": "new"}, expect=412, If_Match=condition)
    api.get("/profiles/new", expect=404)


def test_a_parameter_is_refused_and_nothing_is_stored(api: ApiClient) -> None:
    refused = api.send("POST", "/profiles?force=1", {"customer_id": "new"}, expect=400)
    assert api.faults(refused) == {"force": "is not a parameter here"}
    api.get("/profiles/new", expect=404)


def test_after_a_delete_the_id_is_free_and_nothing_of_before_is_left(api: ApiClient) -> None:
    path = api.created(EXAMPLE | {"customer_id": "again"})
    api.delete(path)
    api.post({"customer_id": "again", "FirstName": "Betty"})
    assert api.profile(path) == {"FirstName": "Betty"}


def test_after_a_delete_the_versions_go_on_and_never_repeat(api: ApiClient) -> None:
    tags = []
    for _ in range(3):
        tags.append(api.post({"customer_id": "again"}).headers["ETag"])
        tags.append(api.put("/profiles/again", {}).headers["ETag"])
        api.delete("/profiles/again")
    assert [number_of(tag) for tag in tags] == [1, 2, 4, 5, 7, 8]
    assert len(set(tags)) == len(tags)


def test_a_tag_of_before_a_delete_is_stale_after_it(api: ApiClient) -> None:
    old = api.post({"customer_id": "again"}).headers["ETag"]
    api.delete("/profiles/again")
    api.post({"customer_id": "again"})
    with unchanged(api, "/profiles/again"):
        api.put("/profiles/again", {"FirstName": "Bruce"}, expect=412, If_Match=old)
        api.delete("/profiles/again", expect=412, If_Match=old)

"""``Prefer: return=representation``: a write answers the whole profile (RFC 7240)."""

import json
from typing import Any

import pytest

from tests.api.conftest import tag_of
from tests.support.client import ApiClient

ATTRIBUTES = {"FirstName": "Bruce", "EmailAddress": ["a@x"]}
EXTENSIONS = {
    "Address": {"City": "Hollywood"},
    "Phone": [{"PhoneType": 1, "PhoneNumber": "555"}],
    "Vip": {},
}
WHOLE = "return=representation"

WANTING = [
    WHOLE,
    'return="representation"',
    "Return=Representation",
    "respond-async, return=representation",
    "wait=5,return=representation; foo=bar",
    "return=representation, handling=strict",
    'foo="a,return=minimal", return=representation',
    'foo="a\\",return=minimal", return=representation',
]
NOT_WANTING = ["return=minimal", "representation", "return=", "returns=representation", ""]


@pytest.fixture
def path(api: ApiClient) -> str:
    return api.created(ATTRIBUTES | EXTENSIONS)


@pytest.mark.parametrize(
    "body",
    [
        {"FirstName": "Betty"},
        {},
        {"FirstName": "Betty", "Phone": {"PhoneNumber": "556"}},
        {"Address": None},
    ],
    ids=str,
)
@pytest.mark.parametrize("condition", [{}, {"If-Match": "{tag}"}, {"If-Match": "*"}], ids=str)
def test_an_update_answers_what_a_query_of_everything_does(
    api: ApiClient, path: str, body: dict[str, Any], condition: dict[str, str]
) -> None:
    tag = tag_of(api, path)
    headers = {name: text.format(tag=tag) for name, text in condition.items()}
    answer = api.put(path, body, expect=200, Prefer=WHOLE, **headers)
    queried = api.get(f"{path}?extensions=*")
    assert answer.json == queried.json
    assert answer.headers["ETag"] == queried.headers["ETag"]
    assert answer.headers["Content-Location"] == f"{path}?extensions=*"


def test_extensions_that_an_update_does_not_touch_are_answered(api: ApiClient, path: str) -> None:
    answer = api.put(path, {"FirstName": "Betty"}, Prefer=WHOLE)
    assert answer.json == {"customer_id": path[10:], "FirstName": "Betty"} | EXTENSIONS


def test_a_create_answers_what_is_stored_with_the_made_id(api: ApiClient) -> None:
    answer = api.post({"Phone": [{"PhoneNumber": "555"}]}, Prefer=WHOLE)
    path = answer.headers["Location"]
    assert answer.json == {
        "customer_id": path[10:],
        "Phone": [{"PhoneNumber": "555", "PhoneType": 0}],
    }
    assert answer.headers["ETag"] == tag_of(api, path)


@pytest.mark.parametrize("body", [ATTRIBUTES, ATTRIBUTES | EXTENSIONS], ids=["short", "long"])
def test_a_create_by_put_answers_the_profile(api: ApiClient, body: dict[str, Any]) -> None:
    answer = api.put("/profiles/new", body, expect=201, If_None_Match="*", Prefer=WHOLE)
    assert answer.json == {"customer_id": "new"} | body


def test_a_create_after_a_delete_answers_nothing_of_before(api: ApiClient, path: str) -> None:
    api.delete(path)
    answer = api.post({"customer_id": path[10:]}, Prefer=WHOLE)
    assert answer.json == {"customer_id": path[10:]}


@pytest.mark.parametrize("preference", WANTING)
def test_a_preference_that_is_followed_is_told(api: ApiClient, path: str, preference: str) -> None:
    answer = api.put(path, ATTRIBUTES, Prefer=preference)
    assert json.loads(answer.data) == {"customer_id": path[10:]} | ATTRIBUTES | EXTENSIONS
    assert answer.headers["Preference-Applied"] == WHOLE


@pytest.mark.parametrize("preference", NOT_WANTING)
def test_any_other_preference_gives_the_short_answer(
    api: ApiClient, path: str, preference: str
) -> None:
    answer = api.put(path, ATTRIBUTES, Prefer=preference)
    assert answer.json == {"customer_id": path[10:]}
    assert "Preference-Applied" not in answer.headers


@pytest.mark.parametrize(
    "preference", ["foo; return=representation", "return=minimal, return=representation"]
)
def test_a_parameter_of_another_preference_and_a_second_instance_do_not_count(
    api: ApiClient, path: str, preference: str
) -> None:
    """RFC 7240, section 2: parameters belong to their preference, the first instance counts."""
    assert api.put(path, ATTRIBUTES, Prefer=preference).json == {"customer_id": path[10:]}


def test_several_headers_count_as_one(api: ApiClient, path: str) -> None:
    headers = [
        ("X-Genesys-TenantId", str(api.tenant)),
        ("Prefer", "respond-async"),
        ("Prefer", WHOLE),
    ]
    answer = api.client.put(path, json=ATTRIBUTES, headers=headers)
    assert answer.headers["Preference-Applied"] == WHOLE


def test_a_refusal_says_nothing_of_the_profile(api: ApiClient, path: str) -> None:
    refused = api.put(path, {"Nope": 1}, expect=400, Prefer=WHOLE)
    assert "Preference-Applied" not in refused.headers
    assert "Bruce" not in refused.text

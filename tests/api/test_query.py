"""Query: what is answered, with which extensions, and when it is not sent again."""

import pytest

from tests.api.conftest import tag_of
from tests.support.client import ApiClient

BRUCE = {
    "FirstName": "Bruce",
    "Address": {"City": "Hollywood"},
    "Phone": [{"PhoneType": 1, "PhoneNumber": "555"}],
    "Vip": {},
}
OTHER = '"1-00000000000000000000000000000000"'


@pytest.fixture
def path(api: ApiClient) -> str:
    return api.created(BRUCE)


def test_no_extension_is_answered_unless_it_is_asked_for(api: ApiClient, path: str) -> None:
    assert api.get(path).json == {"customer_id": path[10:], "FirstName": "Bruce"}


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("Address", {"Address"}),
        ("Address,Vip", {"Address", "Vip"}),
        ("Vip,Address", {"Address", "Vip"}),
        ("aDDRESS,PHONE", {"Address", "Phone"}),
        ("Phone,phone,Phone", {"Phone"}),
        ("%41ddress%2CVip", {"Address", "Vip"}),
        ("*", {"Address", "Phone", "Vip"}),
    ],
)
def test_the_extensions_asked_for_are_answered_as_they_are_defined(
    api: ApiClient, path: str, asked: str, answered: set[str]
) -> None:
    profile = api.get(f"{path}?extensions={asked}").json
    assert profile == {"customer_id": path[10:], "FirstName": "Bruce"} | {
        name: BRUCE[name] for name in answered
    }


def test_an_extension_without_records_is_not_in_the_answer(api: ApiClient) -> None:
    path = api.created({"FirstName": "Bruce"})
    for asked in ("*", "Address,Phone,Vip"):
        profile = api.get(f"{path}?extensions={asked}").json
        assert profile == {"customer_id": path[10:], "FirstName": "Bruce"}


@pytest.mark.parametrize(
    "asked",
    ["Nope", "Address,Nope", "", "Address,", ",", "*,Address", "FirstName", "Address;Vip", "%00"],
)
def test_an_extension_that_is_not_defined_is_refused(
    api: ApiClient, path: str, asked: str
) -> None:
    refused = api.get(f"{path}?extensions={asked}", expect=400)
    assert "is not a defined extension" in api.faults(refused)["extensions"]


def test_every_extension_that_is_not_defined_is_named(api: ApiClient, path: str) -> None:
    refused = api.get(f"{path}?extensions=Nope,Address,Neither", expect=400)
    assert "'Nope', 'Neither'" in api.faults(refused)["extensions"]


def test_extensions_may_be_repeated_as_well_as_separated_by_commas(
    api: ApiClient, path: str
) -> None:
    asked = api.get(f"{path}?extensions=Address,Phone,Vip").json
    assert api.get(f"{path}?extensions=Address&extensions=Phone,Vip").json == asked


def test_a_parameter_that_is_given_twice_is_refused(api: ApiClient, path: str) -> None:
    refused = api.get(f"{path}?version=1&version=1", expect=400)
    assert api.faults(refused) == {"version": "is given more than once"}


def test_every_parameter_that_is_unknown_is_named(api: ApiClient, path: str) -> None:
    refused = api.get(f"{path}?extension=Address&Extensions=Vip&extensions=*&x", expect=400)
    assert set(api.faults(refused)) == {"extension", "Extensions", "x"}


def test_an_unknown_id_is_not_found_whatever_is_asked_for(api: ApiClient) -> None:
    for query in ("", "?extensions=Address", "?extensions=*"):
        answer = api.get(f"/profiles/nobody{query}", expect=404)
        assert answer.json
        assert answer.json["code"] == "profile_not_found"


def test_the_entity_tag_is_the_same_whatever_part_is_asked_for(api: ApiClient, path: str) -> None:
    queries = ("", "?extensions=Address", "?extensions=Vip,Phone", "?extensions=*")
    assert len({tag_of(api, path + query) for query in queries}) == 1


def test_the_answer_is_for_this_tenant_only_and_has_to_be_validated(
    api: ApiClient, path: str
) -> None:
    answer = api.get(path)
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Vary"] == "X-Genesys-TenantId, Authorization, X-API-Key"


def test_head_answers_the_headers_of_get_without_the_body(api: ApiClient, path: str) -> None:
    head = api.send("HEAD", f"{path}?extensions=*", expect=200, X_Request_Id="one")
    assert head.data == b""
    got = api.get(f"{path}?extensions=*", X_Request_Id="one")
    assert dict(head.headers) == dict(got.headers)


def test_head_of_an_unknown_id_is_not_found(api: ApiClient) -> None:
    assert api.send("HEAD", "/profiles/nobody", expect=404).data == b""


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "condition", ["{tag}", "W/{tag}", f"{OTHER}, {{tag}}", f"{OTHER},W/{{tag}}", "*", " * "]
)
def test_a_version_that_the_client_has_is_not_sent_again(
    api: ApiClient, path: str, method: str, condition: str
) -> None:
    tag = tag_of(api, path)
    answer = api.send(method, path, expect=304, If_None_Match=condition.format(tag=tag))
    assert answer.data == b""
    assert answer.headers["ETag"] == tag
    assert answer.headers["Vary"] == "X-Genesys-TenantId, Authorization, X-API-Key"


def test_another_version_than_the_client_has_is_sent(api: ApiClient, path: str) -> None:
    old = tag_of(api, path)
    api.put(path, {"FirstName": "Hulk"})
    answer = api.get(path, If_None_Match=f'{old}, W/{OTHER}, ""')
    assert answer.json == {"customer_id": path[10:], "FirstName": "Hulk"}


@pytest.mark.parametrize("condition", ["{tag}", f"{OTHER}, {{tag}}", "*"])
def test_the_version_that_the_client_insists_on_is_sent(
    api: ApiClient, path: str, condition: str
) -> None:
    api.get(path, If_Match=condition.format(tag=tag_of(api, path)))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("condition", [OTHER, "W/{tag}", f"W/{{tag}}, {OTHER}", '""'])
def test_another_version_than_the_client_insists_on_is_refused(
    api: ApiClient, path: str, method: str, condition: str
) -> None:
    named = condition.format(tag=tag_of(api, path))
    api.send(method, path, expect=412, If_Match=named)


def test_of_both_conditions_if_match_is_looked_at_first(api: ApiClient, path: str) -> None:
    tag = tag_of(api, path)
    api.get(path, expect=412, If_Match=OTHER, If_None_Match=tag)
    api.get(path, expect=304, If_Match=tag, If_None_Match=tag)


def test_a_condition_does_not_hide_that_there_is_no_profile(api: ApiClient) -> None:
    api.get("/profiles/nobody", expect=404, If_None_Match="*")
    api.get("/profiles/nobody", expect=404, If_Match="*")

"""Partial updates: both kinds of patches, with the validation and the conditions of a PUT."""

from typing import Any

import pytest

from tests.api.conftest import ApiWith, tag_of, unchanged
from tests.support.client import ApiClient

MERGE, PATCH = "application/merge-patch+json", "application/json-patch+json"
ADDRESS_FAULTS, NO_PHONE = ["/Address/Type", "/Address/Nope"], ["/Phone/0/Nope"]
PROFILE = {
    "FirstName": "Bruce",
    "LastName": "Banner",
    "PhoneNumber": ["1", "2"],
    "Phone": [{"PhoneNumber": "1"}, {"PhoneNumber": "2"}],
    "Address": {"City": "Hollywood", "Country": "United States"},
}


@pytest.fixture
def path(api: ApiClient) -> str:
    return api.created(PROFILE)


def patched(api: ApiClient, path: str, patch: Any, expect: int = 200, **headers: str) -> Any:
    media_type = PATCH if isinstance(patch, list) else MERGE
    return api.send("PATCH", path, patch, expect=expect, Content_Type=media_type, **headers)


def test_a_merge_patch_sets_and_removes_and_leaves_the_rest(api: ApiClient, path: str) -> None:
    before = tag_of(api, path)
    answer = patched(api, path, {"FirstName": "Betty", "LastName": None, "Address": {"City": "c"}})
    assert answer.headers["ETag"] == tag_of(api, path) != before
    profile = api.profile(path)
    assert (profile["FirstName"], "LastName" in profile) == ("Betty", False)
    assert profile["Address"] == {"City": "c", "Country": "United States"}
    assert [each["PhoneNumber"] for each in profile["Phone"]] == ["1", "2"]


def test_all_operations_of_a_json_patch(api: ApiClient, path: str) -> None:
    operations: list[dict[str, Any]] = [
        {"op": "test", "path": "/FirstName", "value": "Bruce"},
        {"op": "add", "path": "/PhoneNumber/-", "value": "3"},
        {"op": "replace", "path": "/Phone/0/description", "value": "home"},
        {"op": "copy", "from": "/FirstName", "path": "/Title"},
        {"op": "move", "from": "/LastName", "path": "/FirstName"},
        {"op": "remove", "path": "/Address/City"},
        {"op": "add", "path": "/Vip", "value": {}},
    ]
    refused = patched(api, path, operations, expect=409)
    assert list(api.faults(refused)) == ["/2"]
    operations[2]["op"] = "add"
    patched(api, path, operations)
    profile = api.profile(path)
    assert (profile["FirstName"], profile["Title"], "LastName" in profile) == (
        "Banner",
        "Bruce",
        False,
    )
    assert (profile["PhoneNumber"], profile["Vip"]) == (["1", "2", "3"], {})
    assert profile["Phone"][0]["description"] == "home"
    assert profile["Address"] == {"Country": "United States"}


@pytest.mark.parametrize(
    ("patch", "told"),
    [
        ({"DOB": "x", "Nope": 1}, (400, "invalid_profile", ["/DOB", "/Nope"])),
        ({"customer_id": "other"}, (400, "invalid_profile", ["/customer_id"])),
        ({"Phone": [{"PhoneNumber": "1"}] * 2}, (400, "invalid_profile", ["/Phone/1"])),
        ([{"op": "jump", "path": ""}, 5], (400, "invalid_patch", ["/0/op", "/1"])),
        ({"Address": {"Type": "1", "Nope": 1}}, (400, "invalid_profile", ADDRESS_FAULTS)),
        ([{"op": "replace", "path": "", "value": []}], (400, "invalid_profile", [""])),
        ([{"op": "add", "path": "/Phone/0/Nope", "value": 1}], (400, "invalid_profile", NO_PHONE)),
        ([{"op": "move", "path": "/Title"}], (400, "invalid_patch", ["/0/from"])),
        ([{"op": "add", "path": "/Phone/7", "value": {}}], (409, "patch_conflict", ["/0"])),
        ([{"op": "remove", "path": "/Title"}], (409, "patch_conflict", ["/0"])),
        ([{"op": "test", "path": "/LastName", "value": 1}], (409, "patch_test_failed", ["/0"])),
    ],
)
def test_a_patch_that_is_refused_changes_nothing(
    api: ApiClient, path: str, patch: Any, told: tuple[int, str, list[str]]
) -> None:
    status, code, pointers = told
    with unchanged(api, path):
        refused = patched(api, path, patch, expect=status)
    assert refused.json["code"] == code
    assert list(api.faults(refused)) == pointers


def test_a_patch_takes_an_extension_away_and_leaves_the_others(api: ApiClient, path: str) -> None:
    patched(api, path, [{"op": "remove", "path": "/Phone"}])
    assert "Phone" not in api.profile(path)
    patched(api, path, {"Address": None})
    assert api.profile(path) == {name: PROFILE[name] for name in list(PROFILE)[:3]}


def test_a_parameter_of_the_media_type_does_not_matter(api: ApiClient, path: str) -> None:
    media_type = f"{MERGE}; charset=utf-8"
    api.send("PATCH", path, {"Title": "Dr"}, expect=200, Content_Type=media_type)
    assert api.profile(path)["Title"] == "Dr"


@pytest.mark.parametrize(
    "patch",
    [{"LastName": None}, [{"op": "remove", "path": "/LastName"}]],
    ids=["merge patch", "JSON patch"],
)
def test_a_client_that_knows_json_alone_patches_too(api: ApiClient, path: str, patch: Any) -> None:
    media_type = "application/json; charset=utf-8"
    api.send("PATCH", path, patch, expect=200, Content_Type=media_type)
    assert "LastName" not in api.profile(path)
    assert api.profile(path)["FirstName"] == "Bruce"


@pytest.mark.parametrize("patch", [5, "x", [5], [[]]], ids=str)
def test_json_that_is_no_patch_changes_nothing(api: ApiClient, path: str, patch: Any) -> None:
    with unchanged(api, path):
        api.send("PATCH", path, patch, expect=400, Content_Type="application/json")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize(
    "patch",
    [
        '[{"op": "add", "path": "/Title", "value": "Dr", "extra": %s}]',
        '[{"op": "remove", "path": "/LastName", "value": %s}]',
        '[{"op": "add", "path": "/x", "value": %s}, {"op": "remove", "path": "/x"}]',
        '{"LastName": %s}',
    ],
)
def test_a_patch_with_what_is_no_json_number_is_malformed(
    api: ApiClient, path: str, patch: str, number: str
) -> None:
    text, media_type = (patch % number).encode(), PATCH if patch[0] == "[" else MERGE
    with unchanged(api, path):
        refused = api.send("PATCH", path, text, expect=400, Content_Type=media_type)
    assert api.faults(refused) == {"": f"is not valid JSON: {number} is no number of it"}


def test_a_patch_of_another_version_is_refused(api: ApiClient, path: str) -> None:
    stale = tag_of(api, path)
    patched(api, path, {"Title": "Dr"}, If_Match=stale)
    with unchanged(api, path):
        patched(api, path, {"Title": "Prof"}, expect=412, If_Match=stale)


def test_the_media_types_of_a_patch_are_told(api: ApiClient, path: str) -> None:
    refused = api.send("PATCH", path, {"Title": "Dr"}, expect=415, Content_Type="text/json")
    assert refused.headers["Accept-Patch"] == f"{MERGE}, {PATCH}, application/json"


def test_they_are_told_to_who_asks_for_the_options(api: ApiClient, path: str) -> None:
    found = api.send("OPTIONS", path, expect=200)
    assert found.headers["Accept-Patch"] == f"{MERGE}, {PATCH}, application/json"
    assert "Accept-Patch" not in api.send("OPTIONS", "/profiles", expect=200).headers


def test_there_is_nothing_to_patch_without_a_profile(api: ApiClient) -> None:
    patched(api, "/profiles/nobody", {"Title": "Dr"}, expect=404)


def test_a_patched_profile_can_be_answered_whole(api: ApiClient, path: str) -> None:
    answer = patched(api, path, {"Title": "Dr"}, Prefer="return=representation")
    assert answer.data == api.get(f"{path}?extensions=*").data


def test_the_history_tells_a_patch_with_what_it_changed(api_with: ApiWith) -> None:
    api = api_with()
    path = api.created(PROFILE)
    patched(api, path, {"Address": {"City": "c"}}, Profiles_Agent="4711", Profiles_Reason="move")
    newest: Any = api.get(f"{path}/history").json
    told = {name: newest[0][name] for name in ("operation", "agent_id", "reason", "parts")}
    assert told == {
        "operation": "patch",
        "agent_id": "4711",
        "reason": "move",
        "parts": ["Address"],
    }

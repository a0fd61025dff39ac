"""Merging two profiles over HTTP; crashes in the middle are tested beside the services."""

from typing import Any

import pytest
from flask import Flask

from app.access.privileges import Privilege
from tests.api.conftest import Protected, client_of, following, tag_of, unchanged
from tests.support.access import KEY
from tests.support.client import ApiClient

BOTH_DIALECTS = {"force_merge": True, "keep_uniq_from_src": True}
CONFLICTING = {"Address": {"City": "b"}, "Phone": [{"PhoneNumber": "1", "prefix": "2"}]}


@pytest.fixture
def a(api: ApiClient) -> str:
    return api.created(
        {
            "customer_id": "a",
            "FirstName": "Bruce",
            "PhoneNumber": ["1", "2"],
            "Address": {"City": "a"},
            "Phone": [{"PhoneNumber": "1", "prefix": "1"}],
        }
    )


@pytest.fixture
def b(api: ApiClient) -> str:
    return api.created(
        {"customer_id": "b", "FirstName": "B.", "Title": "Dr", "PhoneNumber": ["2", "3"]}
        | CONFLICTING
    )


def merge(api: ApiClient, body: Any = None, expect: int = 204, **headers: str) -> Any:
    return api.send("PUT", "/profiles/a/merge/b", body, expect=expect, **headers)


def test_conflicts_are_named_and_nothing_is_changed(api: ApiClient, a: str, b: str) -> None:
    with unchanged(api, a), unchanged(api, b):
        refused = merge(api, expect=409)
    assert refused.json["code"] == "merge_conflict"
    assert list(api.faults(refused)) == ["/Address", "/Phone/0"]


def test_conflicts_are_not_told_to_who_may_not_read_records(
    protected: Protected, api: ApiClient, a: str, b: str
) -> None:
    asks = client_of(protected({Privilege.MERGE_PROFILE}))
    asks.tenant = api.tenant
    refused = merge(asks, expect=409, X_API_Key=KEY)
    assert list(api.faults(refused)) == [""]


@pytest.mark.parametrize(
    ("body", "taken"),
    [
        ({"force_merge": True}, ("B.", "b", "2")),
        ({"force_merge": "true"}, ("B.", "b", "2")),
        ({"keep_uniq_from_src": True}, ("B.", "b", "2")),
        ({"keep_uniq_from_src": False}, ("Bruce", "a", "1")),
    ],
)
def test_a_forced_merge_takes_one_side(
    api: ApiClient, a: str, b: str, body: Any, taken: tuple[str, str, str]
) -> None:
    answer = merge(api, body)
    assert (answer.data, answer.headers["ETag"]) == (b"", tag_of(api, a))
    profile = api.profile(a)
    city, prefix = profile["Address"]["City"], profile["Phone"][0]["prefix"]
    assert (profile["FirstName"], city, prefix) == taken
    assert (profile["Title"], profile["PhoneNumber"]) == ("Dr", ["1", "2", "3"])


def test_the_old_id_answers_as_the_survivor(api: ApiClient, a: str, b: str) -> None:
    merge(api, {"force_merge": True})
    for part in ("", "/history", "/extensions/Phone"):
        old, new = api.get(b + part), api.get(a + part)
        assert old.data == new.data
        assert old.headers["Content-Location"] == a + part
        assert "Content-Location" not in new.headers
    past = api.get(f"{b}?version=1&extensions=*")
    assert past.data == api.get(f"{a}?version=1&extensions=*").data
    assert past.headers["Content-Location"] == f"{a}?version=1&extensions=*"
    page = api.get(f"{b}/history?limit=1")
    assert page.headers["Content-Location"] == f"{a}/history?limit=1"
    assert "Content-Location" not in api.get(following(page) or "").headers
    api.post({"customer_id": "b"}, expect=409)
    found: Any = api.get("/profiles?PhoneNumber=3").json
    assert found == [{"customer_id": "a"}]
    merge(api, expect=404)
    api.delete(a)
    api.get(b, expect=404)
    assert api.get("/profiles?PhoneNumber=3").json == []


@pytest.mark.parametrize(
    "call",
    [
        ("PUT", "", {}),
        ("PATCH", "", {}),
        ("DELETE", "", None),
        ("POST", "/extensions", {"Vip": {}}),
        ("PUT", "/extensions/Phone", []),
        ("DELETE", "/extensions/Phone", None),
        ("PUT", "/extensions/Phone/by/unique", {"PhoneNumber": "1"}),
        ("PUT", "/extensions/Phone/delete/by/unique", {"PhoneNumber": "1"}),
        ("PUT", "/merge/c", None),
    ],
)
def test_a_write_to_the_old_id_is_refused_and_names_the_survivor(
    api: ApiClient, a: str, b: str, call: tuple[str, str, Any]
) -> None:
    api.created({"customer_id": "c"})
    merge(api, {"force_merge": True})
    method, to, body = call
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    with unchanged(api, a):
        refused: Any = api.send(method, b + to, body, expect=404, Content_Type=kind).json
    assert (refused["code"], refused["survivor"]) == ("profile_merged", "a")


def test_who_merged_and_why_is_kept(api: ApiClient, a: str, b: str) -> None:
    merge(api, {"agent_id": "7", "force_merge": True, "reason": "same", "description": "seen"})
    told: Any = api.get(f"{a}/history").json
    names = ("operation", "agent_id", "reason", "description", "merged_from")
    assert [told[0][name] for name in names] == ["merge", "7", "same", "seen", "b"]


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        (("/profiles/a/merge/a", None), 400, "self_merge"),
        (("/profiles/a/merge/nobody", None), 404, "profile_not_found"),
        (("/profiles/nobody/merge/a", None), 404, "profile_not_found"),
        (("/profiles/a/merge/b", {"nope": 1}), 400, "invalid_body"),
        (("/profiles/a/merge/b", {"force_merge": 1}), 400, "invalid_body"),
        (("/profiles/a/merge/b", BOTH_DIALECTS), 400, "invalid_body"),
        (("/profiles/a/merge/b", []), 400, "invalid_body"),
        (("/profiles/a/merge/b", False), 400, "invalid_body"),
        (("/profiles/a/merge/b", "force_merge"), 400, "invalid_body"),
    ],
)
def test_what_cannot_be_merged_is_refused(
    api: ApiClient, a: str, call: tuple[str, Any], status: int, code: str
) -> None:
    b = api.created({"customer_id": "b"})
    with unchanged(api, a), unchanged(api, b):
        refused: Any = api.send("PUT", *call, expect=status).json
    assert refused["code"] == code


def test_a_profile_of_another_tenant_is_not_there_to_merge(
    api: ApiClient, app: Flask, a: str
) -> None:
    other = client_of(app)
    path = other.created({"customer_id": "b"})
    with unchanged(api, a), unchanged(other, path):
        merge(api, expect=404)


def test_a_merge_into_another_version_is_refused(api: ApiClient, a: str, b: str) -> None:
    stale = tag_of(api, a)
    api.put(a, {"FirstName": "Bruce"})
    with unchanged(api, a), unchanged(api, b):
        merge(api, {"force_merge": True}, expect=412, If_Match=stale)

"""The history of a profile, and what it was like at an earlier version."""

from typing import Any

import pytest

from tests.api.conftest import ApiWith, following, pages, tag_of
from tests.support.client import ApiClient


@pytest.fixture
def path(api: ApiClient) -> str:
    """A profile with four versions."""
    path = api.created({"LastName": "One", "Vip": {}})
    api.put(
        path,
        {"LastName": "Two"},
        Profiles_Agent="Ä".encode().decode("latin-1"),
        Profiles_Reason="typing error",
    )
    api.put(path, {"LastName": "Three", "Address": {"City": "c"}})
    api.delete(f"{path}/extensions/Address", expect=204)
    return path


def history(api: ApiClient, path: str, query: str = "") -> list[dict[str, Any]]:
    found: Any = api.get(f"{path}/history{query}").json
    return list(found)


def test_versions_are_told_newest_first(api: ApiClient, path: str) -> None:
    told = history(api, path)
    assert [(each["version"], each["operation"], each["parts"]) for each in told] == [
        (4, "remove_extension", ["Address"]),
        (3, "update", ["attributes", "Address", "Vip"]),
        (2, "update", ["attributes"]),
        (1, "create", ["attributes", "Vip"]),
    ]
    assert told[0]["etag"] == tag_of(api, path).strip('"')
    assert [each["at"] for each in told] == sorted((each["at"] for each in told), reverse=True)


def test_who_changed_it_and_why_is_told(api: ApiClient, path: str) -> None:
    second = history(api, path)[2]
    assert (second["agent_id"], second["reason"]) == ("Ä", "typing error")
    api.put(path, {}, expect=400, Profiles_Reason="x" * 257)


def test_pages_follow_each_other(api: ApiClient, path: str) -> None:
    told = [[each["version"] for each in page] for page in pages(api, f"{path}/history?limit=3")]
    assert told == [[4, 3, 2], [1]]
    whole = api.get(f"{path}/history?limit=4")
    assert following(whole) is None


def test_a_page_goes_on_where_it_ended_also_after_a_change(api: ApiClient, path: str) -> None:
    first = api.get(f"{path}/history?limit=2")
    api.put(path, {"LastName": "Five"})
    page: Any = api.get(following(first) or "").json
    assert [each["version"] for each in page] == [2, 1]


@pytest.mark.parametrize(
    ("version", "profile"),
    [
        (1, {"LastName": "One", "Vip": {}}),
        (2, {"LastName": "Two", "Vip": {}}),
        (3, {"LastName": "Three", "Address": {"City": "c"}}),
        (4, {"LastName": "Three"}),
    ],
)
def test_an_earlier_version_is_answered_as_it_was(
    api: ApiClient, path: str, version: int, profile: dict[str, Any]
) -> None:
    answer = api.get(f"{path}?version={version}&extensions=*")
    assert answer.json == {"customer_id": path.rpartition("/")[2], **profile}
    assert answer.headers["ETag"].startswith(f'"{version}-')
    api.get(f"{path}?version={version}", expect=304, If_None_Match=answer.headers["ETag"])


@pytest.mark.parametrize(("version", "status"), [("5", 404), ("0", 400), ("x", 400), ("-1", 400)])
def test_a_version_that_never_was_is_refused(
    api: ApiClient, path: str, version: str, status: int
) -> None:
    api.get(f"{path}?version={version}", expect=status)


def test_what_was_before_a_deletion_is_gone(api: ApiClient, path: str) -> None:
    api.delete(path)
    api.get(f"{path}/history", expect=404)
    api.get(f"{path}?version=1", expect=404)
    api.put(path, {"LastName": "New"}, expect=201, If_None_Match="*")
    assert [each["version"] for each in history(api, path)] == [6]
    for version in range(1, 6):
        refused: Any = api.get(f"{path}?version={version}", expect=404).json
        assert refused["code"] == "version_not_found"


def test_versions_that_are_not_kept_are_gone(api_with: ApiWith) -> None:
    api = api_with(history_days=0)
    path = api.created({"LastName": "One"})
    api.put(path, {"LastName": "Two"})
    assert history(api, path) == []
    refused: Any = api.get(f"{path}?version=1", expect=410).json
    assert refused["code"] == "version_expired"
    assert api.get(f"{path}?version=2").json == api.get(path).json

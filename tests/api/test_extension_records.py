"""The records of one extension, changed without the rest of the profile."""

from typing import Any

import pytest

from tests.api.conftest import WITH_KEYS, ApiWith, following, pages, tag_of, unchanged
from tests.support.client import ApiClient


def a_phone(number: str, **others: Any) -> dict[str, Any]:
    return {"PhoneNumber": number, **others}


@pytest.fixture
def path(api: ApiClient) -> str:
    return api.created(
        {
            "LastName": "Banner",
            "Phone": [a_phone("1", description="home"), a_phone("2")],
            "Address": {"City": "Hollywood"},
        }
    )


def phones(api: ApiClient, path: str) -> list[str]:
    found: Any = api.get(f"{path}/extensions/Phone").json
    return [each["PhoneNumber"] for each in found]


def test_a_record_takes_the_place_of_the_one_with_its_unique_values(
    api: ApiClient, path: str
) -> None:
    body = {"Phone": [a_phone("1", prefix="+1"), a_phone("3")], "Address": {"City": "Malibu"}}
    answer = api.send("POST", f"{path}/extensions", body, expect=200)
    assert answer.json == {"customer_id": path.rpartition("/")[2]}
    assert answer.headers["ETag"] == tag_of(api, path)
    profile = api.profile(path)
    assert profile["Phone"][0] == {"PhoneNumber": "1", "prefix": "+1", "PhoneType": 0}
    assert phones(api, path) == ["1", "2", "3"]
    assert (profile["Address"], profile["LastName"]) == ({"City": "Malibu"}, "Banner")


def test_one_extension_is_replaced_and_removed_and_the_others_stay(
    api: ApiClient, path: str
) -> None:
    api.put(f"{path}/extensions/phone", [a_phone("9")])
    assert phones(api, path) == ["9"]
    assert api.profile(path)["Address"] == {"City": "Hollywood"}
    api.delete(f"{path}/extensions/Address", expect=204)
    api.get(f"{path}/extensions/Address", expect=404)
    api.delete(f"{path}/extensions/Address", expect=404)
    assert phones(api, path) == ["9"]


def test_a_record_is_updated_and_deleted_by_its_unique_values(api: ApiClient, path: str) -> None:
    one = f"{path}/extensions/Phone"
    changed = api.send("PUT", f"{one}/by/unique", a_phone("1", prefix="+1"), expect=204)
    assert (changed.data, changed.headers["ETag"]) == (b"", tag_of(api, path))
    first: Any = api.get(one).json
    assert first[0] == {"PhoneNumber": "1", "description": "home", "PhoneType": 0, "prefix": "+1"}
    api.send("PUT", f"{one}/by/unique", a_phone("1", description=None), expect=204)
    assert "description" not in api.get(one).json[0]  # type: ignore[index]
    api.send("PUT", f"{one}/delete/by/unique", a_phone("1", prefix="any"), expect=204)
    assert phones(api, path) == ["2"]
    api.send("PUT", f"{one}/delete/by/unique", a_phone("2"), expect=204)
    assert api.get(one).json == []
    assert "Phone" not in api.profile(path)


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        (("POST", "", {}), 400, "invalid_profile"),
        (("POST", "", {"LastName": "x"}), 400, "invalid_profile"),
        (("POST", "", {"Phone": [a_phone("1")] * 2}), 400, "invalid_profile"),
        (("PUT", "/Phone", [{"Nope": 1}]), 400, "invalid_profile"),
        (("PUT", "/Nope", []), 404, "extension_not_defined"),
        (("PUT", "/Phone/by/unique", {"prefix": "+1"}), 400, "invalid_profile"),
        (("PUT", "/Phone/by/unique", a_phone("9")), 404, "record_not_found"),
        (("PUT", "/Phone/delete/by/unique", a_phone("9")), 404, "record_not_found"),
        (("PUT", "/Address/by/unique", {"City": "x"}), 400, "no_unique_attributes"),
        (("DELETE", "/Vip", None), 404, "extension_not_found"),
    ],
)
def test_what_is_refused_changes_nothing(
    api: ApiClient, path: str, call: tuple[str, str, Any], status: int, code: str
) -> None:
    method, path_after, body = call
    with unchanged(api, path):
        refused: Any = api.send(method, f"{path}/extensions{path_after}", body, expect=status).json
    assert refused["code"] == code


@pytest.mark.parametrize(
    ("method", "path_after", "body"),
    [
        ("POST", "", {"Vip": {}}),
        ("PUT", "/Phone", []),
        ("DELETE", "/Phone", None),
        ("PUT", "/Phone/by/unique", a_phone("1")),
        ("PUT", "/Phone/delete/by/unique", a_phone("1")),
    ],
)
def test_a_write_to_another_version_is_refused(
    api: ApiClient, path: str, method: str, path_after: str, body: Any
) -> None:
    stale = tag_of(api, path)
    api.put(path, {"LastName": "Ross"})
    with unchanged(api, path):
        api.send(method, f"{path}/extensions{path_after}", body, expect=412, If_Match=stale)


def test_a_thousand_records_are_kept_and_read_page_by_page(api: ApiClient, path: str) -> None:
    numbers = [str(number) for number in range(1000)]
    api.put(f"{path}/extensions/Phone", [a_phone(number) for number in numbers])
    assert phones(api, path) == numbers
    all_pages = pages(api, f"{path}/extensions/Phone?limit=300", If_Match=tag_of(api, path))
    read = [[each["PhoneNumber"] for each in page] for page in all_pages]
    assert read == [numbers[:300], numbers[300:600], numbers[600:900], numbers[900:]]
    assert following(api.get(f"{path}/extensions/Phone?limit=1000")) is None
    found = api.get("/profiles?Phone.PhoneNumber=999").json
    assert found == [{"customer_id": path.rpartition("/")[2]}]
    api.send("PUT", f"{path}/extensions/Phone/by/unique", a_phone("500", prefix="1"), expect=204)
    assert api.get(f"{path}/extensions/Phone").json[500]["prefix"] == "1"  # type: ignore[index]


def test_a_page_of_a_version_that_is_gone_is_refused(api: ApiClient, path: str) -> None:
    tag = tag_of(api, path)
    second = following(api.get(f"{path}/extensions/Phone?limit=1", If_Match=tag)) or ""
    api.put(f"{path}/extensions/Phone", [a_phone("7"), a_phone("8"), a_phone("9")])
    api.get(second, expect=412, If_Match=tag)
    api.get(second, expect=412)


@pytest.mark.parametrize("query", ["?limit=0", "?limit=1001", "?limit=x", "?limit=1&cursor=x"])
def test_a_page_that_there_cannot_be_is_refused(api: ApiClient, path: str, query: str) -> None:
    api.get(f"{path}/extensions/Phone{query}", expect=400)


def test_a_cursor_is_good_for_its_own_extension_and_with_a_limit_only(
    api: ApiClient, path: str
) -> None:
    second = following(api.get(f"{path}/extensions/Phone?limit=1")) or ""
    cursor = second.partition("cursor=")[2]
    other = api.created({"Phone": [a_phone("1"), a_phone("2")]})
    refused: Any = api.get(f"{other}/extensions/Phone?limit=1&cursor={cursor}", expect=400).json
    assert refused["code"] == "wrong_cursor"
    for name, query in (("Phone", ""), ("Address", "limit=1&")):
        faulty = api.get(f"{path}/extensions/{name}?{query}cursor={cursor}", expect=400)
        assert list(api.faults(faulty)) == ["cursor"]


def test_records_without_unique_attributes_are_added_each_time(api_with: ApiWith) -> None:
    api = api_with(definition=WITH_KEYS)
    path, contract = api.created({}), {"Number": 1, "Product": "A"}
    for _ in range(2):
        api.send("POST", f"{path}/extensions", {"Contract": contract}, expect=200)
    assert api.profile(path)["Contract"] == [contract, contract]


def test_a_write_answers_the_whole_profile_to_who_prefers_it(api: ApiClient, path: str) -> None:
    for method, to, body in (
        ("POST", "", {"Phone": [a_phone("3")]}),
        ("PUT", "/Address", {"City": "Malibu"}),
    ):
        prefer = {"Prefer": "return=representation"}
        answer = api.send(method, f"{path}/extensions{to}", body, expect=200, **prefer)
        assert answer.data == api.get(f"{path}?extensions=*").data
        assert answer.headers["Preference-Applied"] == "return=representation"
        assert answer.headers["Content-Location"] == f"{path}?extensions=*"


def test_only_the_extensions_concerned_are_told_in_the_history(api: ApiClient, path: str) -> None:
    for method, to, body, status in (
        ("POST", "", {"Phone": [a_phone("3")]}, 200),
        ("PUT", "/Address", {"City": "Malibu"}, 200),
        ("PUT", "/Phone/by/unique", a_phone("3", prefix="1"), 204),
        ("PUT", "/Phone/delete/by/unique", a_phone("3"), 204),
        ("DELETE", "/Address", None, 204),
    ):
        api.send(method, f"{path}/extensions{to}", body, expect=status)
    told: Any = api.get(f"{path}/history").json
    assert [(each["operation"], each["parts"]) for each in told[:5]] == [
        ("remove_extension", ["Address"]),
        ("delete_record", ["Phone"]),
        ("update_record", ["Phone"]),
        ("replace_extension", ["Address"]),
        ("insert_records", ["Phone"]),
    ]

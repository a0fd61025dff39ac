"""Answers with several profiles, versions or records end before they are too large."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.dao.base import Dao
from app.dao.values import ProfileKey
from app.limits import MAX_ANSWER_BYTES
from app.settings import Settings
from schemas.document import dump
from tests.api.conftest import ApiWith, following, pages, tag_of
from tests.api.secrets import LIMITED, service
from tests.support.client import ApiClient
from tests.support.creators import a_change

# Four of them fit into an answer, and five do not.
SIZE = MAX_ANSWER_BYTES // 5 + 1
IDS = [f"c{number}" for number in range(6)]
DEFINITION = """
attributes:
  - {name: LastName, type: string}
  - {name: Note, type: string}
  - {name: Codes, type: string, multi_valued: true, sensitive: true}
extensions:
  - name: Card
    type: multi-valued
    attributes:
      - {name: Text, type: string}
      - {name: Pins, type: string, multi_valued: true, sensitive: true}
identification_keys:
  - {name: name, attributes: [LastName]}
"""


@pytest.fixture
def definition(folder: Path) -> Path:
    path = folder / "large.yaml"
    path.write_text(DEFINITION)
    return path


@pytest.fixture
def api(api_with: ApiWith, definition: Path) -> ApiClient:
    return api_with(definition=definition)


@pytest.fixture
def limited(settings: Settings, dao: Dao, api: ApiClient, definition: Path) -> ApiClient:
    """A client of the same tenant that may not see what is sensitive."""
    app = service(settings, dao, LIMITED, definition)
    return ApiClient(app.test_client(), api.tenant)


def fill(api: ApiClient, **content: Any) -> None:
    """The tenant has six profiles with the same name."""
    for customer_id in IDS:
        api.created({"customer_id": customer_id, "LastName": "Big", **content})


def ids(page: Any) -> list[str]:
    return [each["customer_id"] for each in page]


@pytest.mark.parametrize("part", ["attributes", "extension"])
def test_a_page_of_large_profiles_ends_before_it_is_too_large(api: ApiClient, part: str) -> None:
    text = "x" * SIZE
    fill(api, **({"Note": text} if part == "attributes" else {"Card": [{"Text": text}]}))
    query = "/profiles?LastName=Big&include_profile=yes&extensions=*"
    assert [ids(page) for page in pages(api, query)] == [IDS[:4], IDS[4:]]
    explained = pages(api, query, Prefer="explain")
    told = [(each["outcome"], ids(each["profiles"])) for each in explained]
    assert told == [("ambiguous", IDS[:4]), ("ambiguous", IDS[4:])]
    assert [ids(page) for page in pages(api, query + "&limit=3")] == [IDS[:3], IDS[3:]]
    for narrower in ("", "&include_profile=yes" * (part == "extension")):
        assert [ids(page) for page in pages(api, f"/profiles?LastName=Big{narrower}")] == [IDS]


def test_several_profiles_that_are_too_much_are_refused_with_what_to_do(api: ApiClient) -> None:
    fill(api, Note="x" * SIZE)
    for extensions in ("", "&extensions=*"):
        four = api.get(f"/profiles?customer_id={','.join(IDS[:4])}{extensions}")
        assert ids(four.json) == IDS[:4]
        refused = api.get(f"/profiles?customer_id={','.join(IDS)}{extensions}", expect=413)
        assert refused.json["code"] == "answer_too_large"  # type: ignore[index]
        assert "fewer profiles" in api.faults(refused)["customer_id"]


def test_one_profile_that_several_ids_lead_to_counts_once(api: ApiClient) -> None:
    fill(api, Note="x" * SIZE)
    for other in IDS[1:4]:
        api.put(f"/profiles/{other}", {"LastName": "Small"})
        api.send("PUT", f"/profiles/c0/merge/{other}", expect=204)
    found = api.get(f"/profiles?customer_id={','.join(IDS)}").json
    assert ids(found) == ["c0", "c4", "c5"]


def test_masks_count_as_they_are_answered(api: ApiClient, limited: ApiClient) -> None:
    """A mask takes more room than an empty text."""
    fill(api, Codes=[""] * (SIZE // 14))
    query = "/profiles?LastName=Big&include_profile=yes"
    assert [ids(page) for page in pages(api, query)] == [IDS]
    assert [ids(page) for page in pages(limited, query)] == [IDS[:4], IDS[4:]]
    named = f"/profiles?customer_id={','.join(IDS)}"
    assert ids(api.get(named).json) == IDS
    limited.get(named, expect=413)


def test_one_profile_is_answered_however_large_it_is(api: ApiClient, limited: ApiClient) -> None:
    for customer_id in ("one", "two"):
        body = {"customer_id": customer_id, "LastName": "Big", "Codes": [""] * 300_000}
        api.post(dump(body))
    page = limited.get("/profiles?LastName=Big&include_profile=yes")
    assert len(page.data) > MAX_ANSWER_BYTES
    assert ids(page.json) == ["one"]
    assert ids(limited.get(following(page) or "").json) == ["two"]
    assert ids(limited.get("/profiles?customer_id=two").json) == ["two"]
    limited.get("/profiles?customer_id=one,two", expect=413)


def test_a_page_of_records_ends_before_it_is_too_large(api: ApiClient, limited: ApiClient) -> None:
    path = api.created({"LastName": "Big"})
    for text in "abc":
        card = {"Text": text, "Pins": [""] * (MAX_ANSWER_BYTES // 2 // 14)}
        api.send("POST", f"{path}/extensions", {"Card": card}, expect=200)
    query = f"{path}/extensions/Card?limit=1000"
    assert [each["Text"] for page in pages(api, query) for each in page] == ["a", "b", "c"]
    told = [[each["Text"] for each in page] for page in pages(limited, query)]
    assert told == [["a"], ["b"], ["c"]]


def test_a_page_of_the_history_ends_before_it_is_too_large(api: ApiClient, dao: Dao) -> None:
    path = api.created({"LastName": "One"})
    key = ProfileKey(api.tenant, path.rpartition("/")[2])
    for number in range(6):
        stored = dao.get(key, for_change=True)
        reason = {"reason": str(number) * SIZE, "parts": ["attributes"]}
        dao.commit(replace(a_change(key, stored), note=dump(reason)))
    told = [
        [each["version"] for each in page] for page in pages(api, f"{path}/history?limit=1000")
    ]
    assert told == [[7, 6, 5, 4], [3, 2, 1]]
    assert tag_of(api, path).startswith('"7-')


def test_a_history_that_is_long_is_told_whole(api: ApiClient) -> None:
    path = api.created({"LastName": "One"})
    for number in range(44):
        api.put(path, {"LastName": str(number)})
    told = [[each["version"] for each in page] for page in pages(api, f"{path}/history?limit=41")]
    assert told == [list(range(45, 4, -1)), [4, 3, 2, 1]]

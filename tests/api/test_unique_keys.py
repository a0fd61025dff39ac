"""A unique identification key: its values belong to one profile at most."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import ApiWith, unchanged
from tests.support.client import ApiClient

DEFINITION = """
attributes:
  - {name: Login, type: string, multi_valued: true}
extensions:
  - name: Card
    type: multi-valued
    unique: [Number]
    attributes: [{name: Number, type: string}]
identification_keys:
  - {name: login, attributes: [Login], unique: true, match: casefold}
  - {name: card, source: Card, attributes: [Number], unique: true}
"""
MERGE_PATCH = "application/merge-patch+json"
HULK = {"customer_id": "hulk", "Login": ["hulk", "green"], "Card": [{"Number": "1"}]}
BETTY = {"customer_id": "betty", "Login": "betty", "Card": [{"Number": "2"}]}


@pytest.fixture
def api(api_with: ApiWith, folder: Path) -> ApiClient:
    """A client of a tenant with two profiles that differ in both keys."""
    path = folder / "unique.yaml"
    path.write_text(DEFINITION)
    client = api_with(definition=path)
    for profile in (HULK, BETTY):
        client.created(profile)
    return client


def holders(api: ApiClient, query: str) -> list[str]:
    found: Any = api.get(f"/profiles?{query}").json
    return [each["customer_id"] for each in found]


@pytest.mark.parametrize(
    ("call", "key"),
    [
        (("POST", "/profiles", {"Login": "HULK"}), "login"),
        (("POST", "/profiles", {"Card": {"Number": "1"}}), "card"),
        (("PUT", "/profiles/betty", {"Login": ["betty", "Green"]}), "login"),
        (("PATCH", "/profiles/betty", {"Card": [{"Number": "1"}]}), "card"),
        (("POST", "/profiles/betty/extensions", {"Card": {"Number": "1"}}), "card"),
        (("PUT", "/profiles/betty/extensions/Card", [{"Number": "1"}]), "card"),
    ],
)
def test_a_value_that_another_profile_has_is_refused(
    api: ApiClient, call: tuple[str, str, Any], key: str
) -> None:
    kind = MERGE_PATCH if call[0] == "PATCH" else "application/json"
    with unchanged(api, "/profiles/hulk"), unchanged(api, "/profiles/betty"):
        refused: Any = api.send(*call, expect=409, Content_Type=kind).json
    assert (refused["code"], refused["key"]) == ("unique_key_taken", key)
    assert holders(api, "Login=hulk&Login=green") == ["hulk"]
    assert holders(api, "Card.Number=1") == ["hulk"]


def test_a_profile_may_keep_its_own_value(api: ApiClient) -> None:
    api.put("/profiles/hulk", {"Login": ["Green", "HULK", "smart"]})
    api.put("/profiles/hulk/extensions/Card", [{"Number": "1"}, {"Number": "3"}])
    assert holders(api, "Login=smart&Card.Number=3") == ["hulk"]


def test_a_value_that_is_given_up_can_be_taken(api: ApiClient) -> None:
    api.put("/profiles/hulk", {"Login": "hulk"})
    api.put("/profiles/betty", {"Login": ["betty", "green"]})
    assert holders(api, "Login=green") == ["betty"]
    api.delete("/profiles/hulk")
    api.put("/profiles/betty", {"Login": "hulk", "Card": [{"Number": "1"}]})
    assert holders(api, "Login=HULK&Card.Number=1") == ["betty"]


def test_the_survivor_of_a_merge_has_the_values_of_both(api: ApiClient) -> None:
    api.send("PUT", "/profiles/betty/merge/hulk", expect=204)
    assert holders(api, "Login=hulk&Card.Number=1") == ["betty"]
    api.post({"Login": "green"}, expect=409)

"""Identify: which profiles hold the given values, and what is answered of them."""

from typing import Any

import pytest

from tests.api.conftest import WITH_KEYS, ApiWith, following, pages
from tests.support.client import ApiClient

BRUCE = {
    "customer_id": "bruce",
    "FirstName": "Bruce",
    "LastName": "Banner",
    "Born": "1962-05-10",
    "Mail": ["bruce@banner.example", "Hulk@banner.example"],
    "Phone": "+44 20 7946 0000",
    "Contract": [{"Number": 1, "Product": "A"}, {"Number": 2, "Product": "B"}],
}
BETTY = {
    "customer_id": "betty",
    "FirstName": "Betty",
    "LastName": "Banner",
    "Born": "1962-05-10",
    "Phone": ["020 7946 0001", "(020) 7946-0000"],
    "Contract": [{"Number": 1, "Product": "B"}],
}


@pytest.fixture
def api(api_with: ApiWith) -> ApiClient:
    """A client of a tenant with two profiles, found by the keys of keys.yaml."""
    api = api_with(definition=WITH_KEYS)
    for profile in (BRUCE, BETTY):
        api.created(profile)
    return api


def found(api: ApiClient, query: str) -> list[str]:
    profiles: Any = api.get(f"/profiles?{query}").json
    return [each["customer_id"] for each in profiles]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("Mail=hulk@BANNER.example", ["bruce"]),
        ("Mail=nobody", []),
        ("Phone=%2B442079460000", ["betty", "bruce"]),
        ("Phone=020+7946+0001", ["betty"]),
        ("LastName=Banner", ["betty", "bruce"]),
        ("LastName=Banner&FirstName=Bruce", ["bruce"]),
        ("LastName=Banner&Born=1962-05-10", ["betty", "bruce"]),
        ("LastName=banner", []),
        ("LastName=Banner&FirstName=Bruce&FirstName=Betty&Born=1962-05-10", ["betty", "bruce"]),
        ("Contract.Number=1", ["betty", "bruce"]),
        ("Contract.Number=1&Contract.Product=B", ["betty"]),
        ("Contract.Number=1&Contract.Product=A&Mail=nobody", []),
        ("id_key=PHONE&Phone=%2B442079460000&Contract.Product=A", ["bruce"]),
    ],
)
def test_profiles_are_found_by_all_that_is_given(
    api: ApiClient, query: str, ids: list[str]
) -> None:
    assert found(api, query) == ids


@pytest.mark.parametrize(
    ("query", "code", "names"),
    [
        ("", "no_key", {"Mail", "Phone", "LastName", "Contract.Number"}),
        ("FirstName=Bruce", "no_key", {"Mail", "Phone", "LastName", "Contract.Number"}),
        ("id_key=name&Mail=x", "no_key", {"LastName"}),
        ("id_key=nope&Mail=x", "unknown_key", {"id_key"}),
        ("mail=x&Nope=1&Born=x", "invalid_request", {"mail", "Nope", "Born"}),
        ("Mail=x&limit=0", "invalid_request", {"limit"}),
        ("Mail=x&limit=1001", "invalid_request", {"limit"}),
        ("Mail=x&include_profile=maybe", "invalid_request", {"include_profile"}),
        ("Mail=x&include_extensions=some", "invalid_request", {"include_extensions"}),
        ("Mail=x&extensions=Nope", "invalid_request", {"extensions"}),
        ("Mail=x&" + "&".join(f"Mail={n}" for n in range(100)), "invalid_request", {"Mail"}),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    api: ApiClient, query: str, code: str, names: set[str]
) -> None:
    refused = api.get(f"/profiles?{query}", expect=400)
    assert refused.json["code"] == code  # type: ignore[index]
    assert set(api.faults(refused)) == names


def test_profiles_and_extensions_are_answered_as_asked(api: ApiClient) -> None:
    whole = api.get("/profiles?Mail=hulk@banner.example&include_profile=YES&extensions=*").json
    assert whole == [api.get("/profiles/bruce?extensions=*").json]
    assert api.get("/profiles?Phone=%2B442079460001&extensions=contract").json == [
        {"customer_id": "betty", "Contract": BETTY["Contract"]}
    ]
    both = "/profiles?LastName=Banner&extensions=Contract&include_extensions="
    assert api.get(both + "unique").json == [{"customer_id": "betty"}, {"customer_id": "bruce"}]
    always: Any = api.get(both + "always").json
    assert [len(each["Contract"]) for each in always] == [1, 2]


@pytest.mark.parametrize(
    ("query", "outcome", "key", "ask"),
    [
        ("Mail=hulk@banner.example", "unique", "mail", None),
        ("Mail=nobody", "none", "mail", None),
        ("LastName=Banner", "ambiguous", "name", "FirstName"),
    ],
)
def test_an_explained_answer_says_what_to_ask_next(
    api: ApiClient, query: str, outcome: str, key: str, ask: str | None
) -> None:
    answer = api.get(f"/profiles?{query}", Prefer="explain")
    told: Any = answer.json
    assert answer.headers["Preference-Applied"] == "explain"
    assert (told["outcome"], told["key"], told.get("ask")) == (outcome, key, ask)
    assert [each["customer_id"] for each in told["profiles"]] == found(api, query)


def test_all_profiles_are_met_once_over_the_pages(api: ApiClient) -> None:
    ids = [f"c{number:02}" for number in range(25)]
    for customer_id in ids:
        api.created({"customer_id": customer_id, "Mail": ["all@x.example", f"{customer_id}@x"]})
    question = "/profiles?Mail=ALL@x.example&Mail=c03@x&limit=10"
    met = [[each["customer_id"] for each in page] for page in pages(api, question)]
    assert met == [ids[:10], ids[10:20], ids[20:]]


def test_a_cursor_is_good_for_its_own_question_only(api: ApiClient) -> None:
    page = following(api.get("/profiles?LastName=Banner&limit=1")) or ""
    path, _, cursor = page.partition("&cursor=")
    assert (path, found(api, page.partition("?")[2])) == (
        "/profiles?LastName=Banner&limit=1",
        ["bruce"],
    )
    assert found(api, f"cursor={cursor}&limit=5&LastName=Banner") == ["bruce"]
    for other in (
        "LastName=Ross",
        "LastName=Banner&FirstName=Bruce",
        "Mail=x",
        "LastName=Banner&id_key=name",
    ):
        refused: Any = api.get(f"/profiles?{other}&cursor={cursor}", expect=400).json
        assert refused["code"] == "wrong_cursor"


@pytest.mark.parametrize(
    "cursor", ["", "x", "ImJldHR5Ig", "ImJldHR5Ig.AAAAAAAAAAAAAAAAAAAAAAAAAAA", "%00"]
)
def test_a_cursor_that_was_not_given_out_is_refused(api: ApiClient, cursor: str) -> None:
    refused: Any = api.get(f"/profiles?LastName=Banner&cursor={cursor}", expect=400).json
    assert refused["code"] == "wrong_cursor"


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("Phone=1&Mail=x", "mail"),
        ("LastName=x&FirstName=x&Phone=1", "phone"),
        ("LastName=x&FirstName=x&Contract.Number=1", "name"),
        ("LastName=x&Contract.Number=1&Contract.Product=x", "contract"),
        ("LastName=x&Contract.Number=1", "name"),
        ("LastName=x&Born=1962-05-10&Contract.Number=1", "name"),
        ("FirstName=x&Contract.Number=1", "contract"),
        ("LastName=x&Mail=x&id_key=name", "name"),
    ],
)
def test_the_key_is_the_one_that_what_is_given_fits_best(
    api: ApiClient, given: str, key: str
) -> None:
    told: Any = api.get(f"/profiles?{given}", Prefer="explain").json
    assert told["key"] == key


def test_what_differs_on_every_page_is_asked_of_the_profiles_there(api: ApiClient) -> None:
    question = "/profiles?LastName=Banner&limit=1"
    for told in pages(api, question, Prefer="explain"):
        assert (told["outcome"], len(told["profiles"]), told["ask"]) == ("ambiguous", 1, None)


def test_another_tenant_s_profiles_are_not_found(api: ApiClient, api_with: ApiWith) -> None:
    other = api_with(definition=WITH_KEYS)
    assert found(other, "LastName=Banner") == []
    other.created({"customer_id": "bruce", "LastName": "Banner", "FirstName": "Robert"})
    assert found(other, "LastName=Banner") == ["bruce"]
    assert found(api, "LastName=Banner&FirstName=Robert") == []


def test_a_value_is_found_as_long_as_it_is_held(api: ApiClient) -> None:
    api.put("/profiles/bruce", {"Mail": "new@x.example"})
    assert found(api, "Mail=new@x.example") == ["bruce"]
    assert found(api, "Mail=hulk@banner.example") == []
    assert found(api, "Contract.Number=2") == ["bruce"]
    api.delete("/profiles/bruce/extensions/Contract", expect=204)
    assert found(api, "Contract.Number=2") == []
    api.delete("/profiles/bruce")
    assert found(api, "Mail=new@x.example") == []


def test_an_answer_varies_by_what_the_client_prefers(api: ApiClient) -> None:
    for query in ("LastName=x", "customer_id=x"):
        for preference in ("", "explain"):
            varies = api.get(f"/profiles?{query}", Prefer=preference).headers["Vary"]
            assert varies == "X-Genesys-TenantId, Authorization, X-API-Key, Prefer"

"""Hostile input: refused with its place, answered as any other fault, and never stored."""

import pytest

from schemas.faults import MAX_FAULTS
from tests.api.conftest import unchanged
from tests.support.client import ApiClient
from tests.support.creators import EXAMPLE

# What arrives in the path as one segment, but can be no id.
NO_IDS = [
    ".",
    "..",
    "%2e%2e",
    "%2E",
    "%00",
    "a%00b",
    "a%0A",
    "%0D%0AX-Injected:%201",
    "a%20b",
    "%20",
    "a+b",
    "a;b",
    "a,b",
    "a:b",
    "a@b",
    "*",
    "'",
    "%22",
    "%25",
    "%252F",
    "%5C",
    "<b>",
    "$(id)",
    "'%20OR%201=1--",
    "a" * 17,
    "a" * 10_000,
    "ä",
    "%C3%A4",
    "%FF",
    "%ED%A0%80",
    "\U0001f600",
    "%EF%BC%91",
    "%D9%A3",
    "a%CC%81",
    "%E2%80%AE",
]
# What arrives as a path of more segments than a profile has.
NO_PATHS = ["%2F", "a%2Fb", "a%2f..%2fb", "../health/ready", "..%2F..%2Fetc%2Fpasswd", "a//", "//"]


@pytest.fixture
def path(api: ApiClient) -> str:
    return api.created(EXAMPLE)


def shown(text: str) -> str:
    return ascii(text[:20])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("customer_id", NO_IDS, ids=shown)
def test_what_can_be_no_id_is_refused_as_such(
    api: ApiClient, method: str, customer_id: str
) -> None:
    refused = api.send(method, f"/profiles/{customer_id}", {}, expect=400)
    assert api.faults(refused) == {"customer_id": "must be 1 to 16 of A-Z a-z 0-9 . _ ~ -"}
    assert "X-Injected" not in refused.headers


@pytest.mark.parametrize("customer_id", NO_IDS, ids=shown)
def test_what_can_be_no_id_creates_nothing(api: ApiClient, customer_id: str) -> None:
    api.put(f"/profiles/{customer_id}", {}, expect=400, If_None_Match="*")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("rest", NO_PATHS)
def test_an_escaped_slash_leads_nowhere(api: ApiClient, method: str, rest: str) -> None:
    api.send(method, f"/profiles/{rest}", {}, expect=404)


def test_of_ten_thousand_unknown_attributes_the_first_are_named(api: ApiClient, path: str) -> None:
    names = [f"a{number}" for number in range(10_000)]
    with unchanged(api, path):
        refused = api.put(path, dict.fromkeys(names, 1), expect=400)
    assert list(api.faults(refused)) == [*(f"/{name}" for name in names[:MAX_FAULTS]), ""]


def test_ten_thousand_unknown_attributes_create_nothing(api: ApiClient) -> None:
    names = [f"a{number}" for number in range(10_000)]
    refused = api.post(dict.fromkeys(names, 1) | {"customer_id": "new"}, expect=400)
    assert len(api.faults(refused)) == MAX_FAULTS + 1
    api.get("/profiles/new", expect=404)


@pytest.mark.parametrize("count", [MAX_FAULTS, 10_000])
@pytest.mark.parametrize(
    ("name", "element"),
    [("Phone", {"prefix": 1}), ("Phone", []), ("EmailAddress", []), ("EmailAddress", {})],
    ids=["records", "no records", "arrays", "objects"],
)
def test_faulty_elements_are_named_up_to_a_number(
    api: ApiClient, path: str, name: str, element: object, count: int
) -> None:
    with unchanged(api, path):
        refused = api.put(path, {name: [element] * count}, expect=400)
    assert len(api.faults(refused)) == min(count, MAX_FAULTS + 1)


def test_five_thousand_values_are_kept_and_found_and_more_are_refused(
    api: ApiClient, path: str
) -> None:
    values = [str(number) for number in range(5_000)]
    api.put(path, {"EmailAddress": values})
    assert api.profile(path)["EmailAddress"] == values
    found = api.get("/profiles?EmailAddress=4999")
    assert found.json == [{"customer_id": path.rpartition("/")[2]}]
    with unchanged(api, path):
        api.put(path, {"EmailAddress": [*values, "one more"]}, expect=413)


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_a_hundred_parameters_are_all_named(api: ApiClient, path: str, method: str) -> None:
    names = [f"p{number}" for number in range(100)]
    to = "/profiles" if method == "POST" else path
    with unchanged(api, path):
        refused = api.send(method, f"{to}?{'&'.join(names)}", {}, expect=400)
    assert set(api.faults(refused)) == set(names)


@pytest.mark.parametrize(
    "query", ["%00=1", "%FF=1", "%ED%A0%80", "=", "=1", "extensions[]=Vip", "a%0Ab=1", "😀=1"]
)
def test_a_parameter_of_any_characters_is_named(api: ApiClient, path: str, query: str) -> None:
    with unchanged(api, path):
        refused = api.delete(f"{path}?{query}", expect=400)
    assert len(api.faults(refused)) == 1


@pytest.mark.parametrize(
    "asked", ["%00", "%FF", "%ED%A0%80", "Address%00", "Address%0A", "'", "%2A%2A", "A" * 9000]
)
def test_an_extension_of_any_characters_is_refused(api: ApiClient, path: str, asked: str) -> None:
    refused = api.get(f"{path}?extensions={asked}", expect=400)
    assert set(api.faults(refused)) == {"extensions"}


@pytest.mark.parametrize(
    "method", ["TRACE", "CONNECT", "PROPFIND", "LOCK", "BREW", "GETS", "A" * 1000, "-"]
)
def test_a_method_that_no_path_has_is_refused(api: ApiClient, path: str, method: str) -> None:
    with unchanged(api, path):
        assert "PUT" in api.send(method, path, {}, expect=405).headers["Allow"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_a_body_where_none_is_expected_is_not_read(api: ApiClient, path: str, method: str) -> None:
    api.send(method, path, b"{" * 2_000_000, expect=200)


NUL = "a\0b"
WITH_NUL = {
    "/FirstName": {"FirstName": NUL},
    "/EmailAddress/1": {"EmailAddress": ["a", NUL]},
    "/Address/City": {"Address": {"City": NUL}},
    "/Phone/0/prefix": {"Phone": [{"prefix": "\0"}]},
    "/customer_id": {"customer_id": NUL},
    "/a\0b": {NUL: 1},
    "/Address/a\0b": {"Address": {NUL: 1}},
}


@pytest.mark.parametrize("pointer", WITH_NUL, ids=ascii)
def test_a_nul_is_refused_wherever_it_stands(api: ApiClient, path: str, pointer: str) -> None:
    with unchanged(api, path):
        refused = api.put(path, WITH_NUL[pointer], expect=400)
    assert set(api.faults(refused)) == {pointer}


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE profile; --",
        '","FirstName":"x',
        "</script><script>",
        "%00%2F\\",
        "\u202e\u200b\ufeff\U0010ffff",
        "\x01\x1f\x7f\x85\u2028",
        "__proto__",
        "A\u030a ≠ Å",
    ],
    ids=ascii,
)
def test_any_other_text_is_kept_as_it_is(api: ApiClient, path: str, text: str) -> None:
    body = {"FirstName": text, "Address": {"City": text}, "Phone": [{"PhoneNumber": text}]}
    api.put(path, body)
    assert api.profile(path) == {**body, "Phone": [{"PhoneNumber": text, "PhoneType": 0}]}


@pytest.mark.parametrize("name", ["__proto__", "__class__", "_schema", "fields", "load", "0", ""])
def test_a_name_that_means_something_elsewhere_is_just_unknown(
    api: ApiClient, path: str, name: str
) -> None:
    with unchanged(api, path):
        refused = api.put(path, {name: {}, "Address": {name: 1}}, expect=400)
    assert set(api.faults(refused)) == {f"/{name}", f"/Address/{name}"}


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        b"[]" * 40 + b'"' + b'\\"' * 500_000,
        b"[]" * 40 + b'"' + b"\\" * 1_000_001,
        b"[]" * 40 + b'"' * 1_000_001,
        b"[]" * 500_000,
        b'{"a":' * 33 + b"[" * 1_000_000,
        b'{"FirstName":"' + b"[{" * 500_000,
        b'{"FirstName":' + b"9" * 1_000_000,
        b'{"FirstName":1e' + b"9" * 1_000_000 + b"}",
    ],
    ids=[
        "escaped quotes",
        "backslashes",
        "quotes",
        "pairs",
        "levels",
        "string",
        "digits",
        "exponent",
    ],
)
def test_a_megabyte_that_means_nothing_is_refused_without_getting_stuck(
    api: ApiClient, path: str, text: bytes
) -> None:
    with unchanged(api, path):
        api.put(path, text, expect=400)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "condition",
    ['"a",' * 100_000 + "x", "," * 500_000, " ," * 250_000 + '"', '"' * 500_001, "W/" * 250_000],
    ids=["tags", "commas", "blanks", "quotes", "weak"],
)
def test_a_long_condition_that_means_nothing_is_refused_without_getting_stuck(
    api: ApiClient, path: str, condition: str
) -> None:
    refused = api.get(path, expect=400, If_None_Match=condition)
    assert set(api.faults(refused)) == {"If-None-Match"}

"""Bodies: every fault is told with its place, and nothing of a refused body is stored."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.problem_body import MEDIA_TYPE
from schemas.faults import MAX_FAULTS
from tests.api.conftest import ApiWith, unchanged
from tests.support.client import ApiClient
from tests.support.creators import EXAMPLE

# What the text of a body can have wrong, and where: neither is ever stored.
BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", ""),
    "blank": (b" \n", ""),
    "cut off": (b'{"FirstName":"B"', ""),
    "trailing text": (b"{} {}", ""),
    "trailing comma": (b'{"FirstName":"B",}', ""),
    "single quotes": (b"{'FirstName':'B'}", ""),
    "comment": (b"{} // done", ""),
    "byte order mark": (b"\xef\xbb\xbf{}", ""),
    "UTF-16": ('{"FirstName":"B"}'.encode("utf-16"), ""),
    "control character": (b'{"FirstName":"a\nb"}', ""),
    "leading zero": (b'{"FirstName":01}', ""),
    "invalid UTF-8": (b'{"FirstName":"\xff"}', ""),
    "overlong UTF-8": (b'{"FirstName":"\xc0\xaf"}', ""),
    "surrogate in UTF-8": (b'{"FirstName":"\xed\xa0\x80"}', ""),
    "NaN": (b'{"FirstName":NaN}', ""),
    "Infinity": (b'{"Phone":[-Infinity]}', ""),
    "NaN alone": (b"NaN", ""),
    "no object": (b"[]", ""),
    "null": (b"null", ""),
    "string": (b'"FirstName"', ""),
    "number": (b"1e400", ""),
    "duplicate name": (b'{"FirstName":"a","FirstName":"a"}', "/FirstName"),
    "duplicate in record": (b'{"Address":{"City":"a","City":"b"}}', "/Address/City"),
    "duplicate in array": (b'{"Phone":[{},{"prefix":"1","prefix":"1"}]}', "/Phone/1/prefix"),
    "duplicate by escape": (b'{"FirstName":"a","\\u0046irstName":"b"}', "/FirstName"),
    "lone high surrogate": (b'{"FirstName":"\\ud800"}', "/FirstName"),
    "lone low surrogate": (b'{"EmailAddress":["a","\\uDC00b"]}', "/EmailAddress/1"),
    "surrogate in a name": (b'{"\\ud800":"a"}', "/\\ud800"),
    "surrogates in order of fall": (b'{"FirstName":"\\ude00\\ud83d"}', "/FirstName"),
    "NUL": (b'{"FirstName":"a\\u0000b"}', "/FirstName"),
    "NUL in a name": (b'{"First\\u0000Name":"a"}', "/First\0Name"),
    "huge decimal": (b'{"FirstName":1e400}', "/FirstName"),
    "huge integer": (b'{"FirstName":%s}' % (b"9" * 9000), "/FirstName"),
    "huge integer in an integer": (b'{"Address":{"Type":%s}}' % (b"9" * 9000), "/Address/Type"),
    "decimal in an integer": (b'{"Address":{"Type":1.0}}', "/Address/Type"),
    "33 levels": (b'{"FirstName":%s1%s}' % (b"[" * 32, b"]" * 32), "/FirstName" + "/0" * 31),
    "100,000 levels": (b"[" * 100_000, ""),
    "100,000 objects": (b'{"a":' * 100_000, ""),
}


@pytest.fixture
def path(api: ApiClient) -> str:
    return api.created(EXAMPLE | {"customer_id": "bruce"})


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}], ids=["plain", "if-match"])
def test_a_broken_body_is_refused_with_its_place_and_nothing_is_stored(
    api: ApiClient, path: str, name: str, headers: dict[str, str]
) -> None:
    text, pointer = BROKEN[name]
    with unchanged(api, path):
        refused = api.put(path, text, expect=400, **headers)
    assert set(api.faults(refused)) == {pointer}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_body_creates_nothing(api: ApiClient, name: str) -> None:
    text, pointer = BROKEN[name]
    refused = api.post(text, expect=400)
    assert set(api.faults(refused)) == {pointer}
    api.put("/profiles/new", text, expect=400, If_None_Match="*")
    api.get("/profiles/new", expect=404)


def test_a_body_of_32_levels_is_looked_into(api: ApiClient, path: str) -> None:
    text = b'{"FirstName":%s%s}' % (b"[" * 31, b"]" * 31)
    refused = api.put(path, text, expect=400)
    assert api.faults(refused) == {"/FirstName": "must be a string"}


def test_a_pair_of_surrogates_is_one_character(api: ApiClient, path: str) -> None:
    api.put(path, b'{"FirstName":"\\ud83d\\ude00"}')
    assert api.profile(path)["FirstName"] == "\U0001f600"


def test_every_fault_is_told_at_once_with_its_place(api: ApiClient, path: str) -> None:
    body = {
        "customer_id": "other",
        "firstname": "Bruce",
        "LastName": 5,
        "DOB": "1962-02-30",
        "EmailAddress": ["a@x", None, True],
        "a/b~c": 1,
        "Address": {"Type": "1", "City": "x" * 33, "Street": "x"},
        "Phone": [{"PhoneNumber": "1"}, "555", {"prefix": "1234"}],
        "Vip": {"Since": 2024},
    }
    with unchanged(api, path):
        refused = api.put(path, body, expect=400)
    assert set(api.faults(refused)) == {
        "/customer_id",
        "/firstname",
        "/LastName",
        "/DOB",
        "/EmailAddress/1",
        "/EmailAddress/2",
        "/a~1b~0c",
        "/Address/Type",
        "/Address/City",
        "/Address/Street",
        "/Phone/1",
        "/Phone/2/prefix",
        "/Vip/Since",
    }


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"Phone":[%s]}', "/Phone/{}"),
        ('{"EmailAddress":[%s]}', "/EmailAddress/{}"),
        ('{"Phone":[%s,{"a":1}]}', "/Phone/{}"),
    ],
)
def test_of_a_large_body_of_faults_the_first_are_told_and_that_there_are_more(
    api: ApiClient, path: str, body: str, place: str
) -> None:
    with unchanged(api, path):
        refused = api.put(path, filled(body, "1"), expect=400)
    assert_first_told(refused, [place.format(index) for index in range(MAX_FAULTS)])


def test_of_many_faulty_records_the_first_are_told(api: ApiClient, path: str) -> None:
    with unchanged(api, path):
        unknown = api.put(path, filled('{"Phone":[%s]}', '{"a":1}'), expect=400)
        equal = api.put(f"{path}/extensions/Phone", filled("[%s]", "{}"), expect=400)
    assert_first_told(unknown, [f"/Phone/{index}/a" for index in range(MAX_FAULTS)])
    assert_first_told(equal, [f"/{index}" for index in range(1, MAX_FAULTS + 1)])


def filled(body: str, element: str) -> bytes:
    """``body`` with as many elements as fit into 1 MiB."""
    count = (2**20 - len(body)) // (len(element) + 1)
    return (body % ",".join([element] * count)).encode()


def assert_first_told(refused: TestResponse, pointers: list[str]) -> None:
    told: Any = refused.json
    assert [each["pointer"] for each in told["errors"]] == [*pointers, ""]
    assert told["errors"][-1]["message"] == "has more faults than these 100"


def test_faults_of_the_text_do_not_hide_faults_of_the_content(api: ApiClient, path: str) -> None:
    text = b'{"FirstName":"a","FirstName":"b","LastName":"\\ud800","Nope":1,"DOB":"x"}'
    with unchanged(api, path):
        refused = api.put(path, text, expect=400)
    assert set(api.faults(refused)) == {"/FirstName", "/LastName", "/Nope", "/DOB"}


@pytest.mark.parametrize(
    ("name", "suggested"), [("firstname", "FirstName"), ("FristName", "FirstName"), ("vip", "Vip")]
)
def test_an_unknown_name_gets_the_right_spelling(
    api: ApiClient, path: str, name: str, suggested: str
) -> None:
    refused = api.put(path, {name: "x"}, expect=400)
    assert api.faults(refused) == {f"/{name}": f"is not known here, did you mean {suggested}?"}


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/merge-patch+json"},
        {"Content-Type": "application/json-patch+json"},
        {"Content-Type": "text/json"},
        {"Content-Type": ""},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "br"},
    ],
    ids=str,
)
def test_a_body_of_another_type_or_encoding_is_refused(
    api: ApiClient, path: str, method: str, headers: dict[str, str]
) -> None:
    to = "/profiles" if method == "POST" else path
    with unchanged(api, path):
        api.send(method, to, {"customer_id": "bruce"}, expect=415, **headers)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_encoded_body_is_refused_with_what_is_taken(
    api: ApiClient, path: str, method: str
) -> None:
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    headers = {"Content-Type": kind, "Content-Encoding": "gzip"}
    refused = api.send(method, path, {}, expect=415, **headers)
    assert refused.headers["Accept-Encoding"] == "identity"
    told = api.send(method, path, {}, expect=415, **{"Content-Type": "text/plain"}).headers
    assert "Accept-Encoding" not in told
    assert ("Accept-Patch" in told) is ("Accept-Patch" in refused.headers) is (method == "PATCH")


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_body_without_a_type_is_refused(api: ApiClient, path: str, method: str) -> None:
    to = "/profiles" if method == "POST" else path
    headers = {"X-Genesys-TenantId": str(api.tenant)}
    with unchanged(api, path):
        answer = api.client.open(to, method=method, data=b"{}", headers=headers)
    assert (answer.status_code, answer.content_type) == (415, MEDIA_TYPE)


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json ;x=y"],
)
def test_json_is_taken_with_any_parameter_of_its_type(
    api: ApiClient, path: str, content_type: str
) -> None:
    api.put(path, {"FirstName": "Betty"}, Content_Type=content_type)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_taken(
    api_with: ApiWith, method: str
) -> None:
    api = api_with(max_body=100)
    path = api.created({"customer_id": "bruce"})
    to = "/profiles" if method == "POST" else path
    with unchanged(api, path):
        api.send(method, to, b"{}".ljust(101), expect=413)
    api.send(method, to, b"{}".ljust(100), expect=201 if method == "POST" else 200)

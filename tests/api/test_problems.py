"""Problems: every refusal has one shape, and leaves the store as it was."""

from typing import Any

import pytest

from app.http_problems import HTTP_PROBLEMS
from app.problem_kinds import PROBLEMS
from tests.api.conftest import ApiWith, unchanged
from tests.support.client import ApiClient
from tests.support.creators import EXAMPLE

METADATA, PHONE = "/metadata/profiles", "{path}/extensions/Phone"
JSON_PATCH = {"Content-Type": "application/json-patch+json"}
MEMBERS = {"type", "title", "status", "detail", "code"}

Call = tuple[str, str, bytes | None, dict[str, str]]
CALLS: dict[str, tuple[int, Call]] = {
    "malformed_json": (400, ("PUT", "{path}", b"{", {})),
    "invalid_profile": (400, ("PUT", "{path}", b'{"Nope":1}', {})),
    "invalid_request": (400, ("GET", "{path}?nope=1", None, {})),
    "invalid_definition": (400, ("POST", f"{METADATA}/extensions", b"{}", {})),
    "invalid_body": (400, ("PUT", "{path}/merge/x", b'{"nope":1}', {})),
    "invalid_patch": (400, ("PATCH", "{path}", b"{}", JSON_PATCH)),
    "wrong_cursor": (400, ("GET", "{path}/history?cursor=x", None, {})),
    "no_unique_attributes": (400, ("PUT", "{path}/extensions/Vip/by/unique", b"{}", {})),
    "no_key": (400, ("GET", "/profiles", None, {})),
    "unknown_key": (400, ("GET", "/profiles?id_key=x&DOB=1962-05-10", None, {})),
    "self_merge": (400, ("PUT", "{path}/merge/bruce", None, {})),
    "profile_not_found": (404, ("GET", "/profiles/nobody", None, {})),
    "version_not_found": (404, ("GET", "{path}?version=2", None, {})),
    "extension_not_defined": (404, ("GET", "{path}/extensions/Nope", None, {})),
    "extension_not_found": (404, ("GET", "{path}/extensions/Vip", None, {})),
    "record_not_found": (404, ("PUT", f"{PHONE}/by/unique", b'{"PhoneNumber":"1"}', {})),
    "not_defined": (404, ("GET", f"{METADATA}/extensions/Nope", None, {})),
    "job_not_found": (404, ("GET", "/metadata/jobs/nope", None, {})),
    "resource_not_found": (404, ("GET", "/nowhere", None, {})),
    "method_not_allowed": (405, ("POST", "{path}", b"{}", {})),
    "not_acceptable": (406, ("GET", "{path}", None, {"Accept": "text/html"})),
    "profile_exists": (409, ("POST", "/profiles", b'{"customer_id":"bruce"}', {})),
    "patch_conflict": (409, ("PATCH", "{path}", b'[{"op":"remove","path":"/DOB"}]', JSON_PATCH)),
    "patch_test_failed": (
        409,
        ("PATCH", "{path}", b'[{"op":"test","path":"/DOB","value":1}]', JSON_PATCH),
    ),
    "name_taken": (
        409,
        ("POST", f"{METADATA}/extensions", b'{"name":"VIP","type":"classifier"}', {}),
    ),
    "in_use": (409, ("DELETE", f"{METADATA}/extensions/Phone", None, {})),
    "precondition_failed": (412, ("PUT", "{path}", b"{}", {"If-Match": '"x"'})),
    "body_too_large": (413, ("PUT", "{path}", b" " * 300, {})),
    "unsupported_media_type": (415, ("PUT", "{path}", b"{}", {"Content-Type": "text/plain"})),
}
WITH_ERRORS = {
    "malformed_json",
    "invalid_profile",
    "invalid_request",
    "invalid_definition",
    "invalid_body",
    "invalid_patch",
    "no_key",
    "unknown_key",
    "wrong_cursor",
    "no_unique_attributes",
    "self_merge",
    "patch_conflict",
    "patch_test_failed",
}
BESIDE = {
    "not_defined": {"name": "Nope"},
    "name_taken": {"name": "VIP"},
    "in_use": {"key": "ext_phone"},
}


@pytest.fixture
def path(api: ApiClient) -> str:
    return api.created(EXAMPLE | {"customer_id": "bruce"})


@pytest.mark.parametrize("code", CALLS)
def test_a_problem_has_the_members_of_its_kind(api_with: ApiWith, code: str) -> None:
    api = api_with(max_body=200)
    path = api.created({"customer_id": "bruce"})
    status, (method, to, body, headers) = CALLS[code]
    with unchanged(api, path):
        refused = api.send(method, to.format(path=path), body, expect=status, **headers)
    problem: dict[str, Any] = refused.json or {}
    beside = BESIDE.get(code, {})
    errors = {"errors"} if code in WITH_ERRORS else set()
    assert problem.keys() == MEMBERS | beside.keys() | errors
    assert beside.items() <= problem.items()
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["type"].endswith(code)
    assert all(problem[member] for member in MEMBERS)


@pytest.mark.parametrize("code", [code for code, (status, _) in CALLS.items() if status == 400])
def test_a_request_that_is_wrong_is_told_where(api: ApiClient, path: str, code: str) -> None:
    _, (method, to, body, headers) = CALLS[code]
    refused = api.send(method, to.format(path=path), body, expect=400, **headers)
    told: dict[str, Any] = refused.json or {}
    assert all(len(each) == 2 and each["message"] for each in told["errors"])
    places = {place for each in told["errors"] for place in each if place != "message"}
    assert places <= {"pointer", "parameter", "header", "path"}


def test_codes_are_never_used_twice() -> None:
    codes = [problem.code for problem in (*PROBLEMS.values(), *HTTP_PROBLEMS.values())]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/xml", "text/*", "application/json;q=0", "application/json2"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_client_that_takes_no_json_is_refused_and_nothing_is_done(
    api: ApiClient, path: str, method: str, accept: str
) -> None:
    with unchanged(api, path):
        api.send(method, path, {"FirstName": "Betty"}, expect=406, Accept=accept)


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/*",
        "application/json",
        "text/html, application/json;q=0.1",
        "application/json;charset=utf-8",
        "application/json, application/problem+json",
        "application/problem+json",
    ],
)
def test_a_client_that_takes_json_is_answered(api: ApiClient, path: str, accept: str) -> None:
    assert api.get(path, Accept=accept).content_type == "application/json"


@pytest.mark.parametrize("to", ["/", "/profile/x", "/profiles/x/y", "//profiles/x", "/PROFILES/x"])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "OPTIONS"])
def test_there_is_nothing_at_any_other_path(api: ApiClient, to: str, method: str) -> None:
    refused = api.send(method, to, {}, expect=404)
    assert refused.json
    assert refused.json["code"] == "resource_not_found"


def test_a_method_that_a_path_does_not_have_is_refused_with_those_it_has(
    api: ApiClient, path: str
) -> None:
    with unchanged(api, path):
        refused = api.send("POST", path, {"FirstName": "Betty"}, expect=405)
    assert refused.allow.as_set() == {"get", "head", "options", "put", "patch", "delete"}
    refused = api.send("PUT", "/profiles", expect=405)
    assert refused.allow.as_set() == {"get", "head", "post", "options"}

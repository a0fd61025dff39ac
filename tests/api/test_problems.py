"""Problems: every refusal has one shape, and leaves the store as it was."""

from typing import Any

import pytest

from app.problems import HTTP_PROBLEMS, PROBLEMS
from tests.api.conftest import ApiWith, unchanged
from tests.support.client import ApiClient
from tests.support.creators import EXAMPLE

MEMBERS = {"type", "title", "status", "detail", "code"}

Call = tuple[str, str, bytes | None, dict[str, str]]
CALLS: dict[str, tuple[int, Call]] = {
    "malformed_json": (400, ("PUT", "{path}", b"{", {})),
    "invalid_profile": (400, ("PUT", "{path}", b'{"Nope":1}', {})),
    "invalid_request": (400, ("GET", "{path}?nope=1", None, {})),
    "profile_not_found": (404, ("GET", "/profiles/nobody", None, {})),
    "resource_not_found": (404, ("GET", "/nowhere", None, {})),
    "method_not_allowed": (405, ("PATCH", "{path}", b"{}", {})),
    "not_acceptable": (406, ("GET", "{path}", None, {"Accept": "text/html"})),
    "profile_exists": (409, ("POST", "/profiles", b'{"customer_id":"bruce"}', {})),
    "precondition_failed": (412, ("PUT", "{path}", b"{}", {"If-Match": '"x"'})),
    "body_too_large": (413, ("PUT", "{path}", b" " * 300, {})),
    "unsupported_media_type": (415, ("PUT", "{path}", b"{}", {"Content-Type": "text/plain"})),
}
DETAILED = {"malformed_json", "invalid_profile", "invalid_request"}


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
    assert problem.keys() == MEMBERS | ({"errors"} if code in DETAILED else set())
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["type"].endswith(code)
    assert all(problem[member] for member in MEMBERS)


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
    ],
)
def test_a_client_that_takes_json_is_answered(api: ApiClient, path: str, accept: str) -> None:
    assert api.get(path, Accept=accept).content_type == "application/json"


@pytest.mark.parametrize(
    "to", ["/", "/profile/x", "/profiles/x/", "/profiles/x/y", "//profiles/x", "/PROFILES/x"]
)
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "OPTIONS"])
def test_there_is_nothing_at_any_other_path(api: ApiClient, to: str, method: str) -> None:
    refused = api.send(method, to, {}, expect=404)
    assert refused.json
    assert refused.json["code"] == "resource_not_found"


def test_a_method_that_a_path_does_not_have_is_refused_with_those_it_has(
    api: ApiClient, path: str
) -> None:
    with unchanged(api, path):
        refused = api.send("PATCH", path, {"FirstName": "Betty"}, expect=405)
    assert refused.allow.as_set() == {"get", "head", "options", "put", "delete"}
    assert api.send("GET", "/profiles", expect=405).allow.as_set() == {"post", "options"}

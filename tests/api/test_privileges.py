"""Privileges that depend on what a call asks for, beside those that every call takes."""

from typing import Any

import pytest

from app.access.privileges import ALL, Privilege
from tests.api.conftest import Protected, client_of
from tests.support.access import KEY
from tests.support.client import ApiClient
from tests.support.creators import EXAMPLE, a_tenant

P = Privilege
WHOLE = {"Prefer": "return=representation"}
MERGE, JSON = "application/merge-patch+json", "application/json-patch+json"
ONE = "/profiles/bruce"
NEW = {"If-None-Match": "*"}


class Caller:
    """A client of one tenant that may do what is given, by a service of its own."""

    def __init__(self, protected: Protected, tenant: int) -> None:
        self._protected = protected
        self._tenant = tenant

    def send(
        self, privileges: Any, call: str, body: Any = None, headers: Any = None, *, expect: int
    ) -> Any:
        api = client_of(self._protected(privileges))
        api.tenant = self._tenant
        method, path = call.split(" ")
        named = {"X-API-Key": KEY} | (headers or {})
        return api.send(method, path, body, expect=expect, **named)


@pytest.fixture
def caller(protected: Protected) -> Caller:
    caller = Caller(protected, a_tenant())
    caller.send(ALL, "POST /profiles", EXAMPLE | {"customer_id": "bruce"}, expect=201)
    return caller


def patch(op: str, path: str, **more: Any) -> list[dict[str, Any]]:
    return [{"op": op, "path": path, **more}]


CASES: list[tuple[str, Any, Any, set[Privilege]]] = [
    ("GET /profiles/bruce", None, {}, {P.READ_PROFILE}),
    ("GET /profiles/bruce?extensions=Address", None, {}, {P.READ_PROFILE, P.READ_EXTENSION}),
    ("GET /profiles/bruce?extensions=*", None, {}, {P.READ_PROFILE, P.READ_EXTENSION}),
    ("GET /profiles?LastName=Banner", None, {}, {P.READ_PROFILE}),
    (
        "GET /profiles?LastName=Banner&extensions=*",
        None,
        {},
        {P.READ_PROFILE, P.READ_EXTENSION},
    ),
    ("GET /profiles?Phone.PhoneNumber=1", None, {}, {P.READ_PROFILE, P.READ_EXTENSION}),
    ("GET /profiles?customer_id=bruce,betty", None, {}, {P.READ_PROFILE}),
    (
        "GET /profiles?customer_id=bruce&extensions=*",
        None,
        {},
        {P.READ_PROFILE, P.READ_EXTENSION},
    ),
    ("POST /profiles", {"FirstName": "Betty"}, {}, {P.CREATE_PROFILE}),
    ("POST /profiles", {"Vip": {}}, {}, {P.CREATE_PROFILE, P.CREATE_EXTENSION}),
    ("POST /profiles", {"Phone": []}, {}, {P.CREATE_PROFILE, P.CREATE_EXTENSION}),
    ("POST /profiles", {}, WHOLE, {P.CREATE_PROFILE, P.READ_PROFILE, P.READ_EXTENSION}),
    ("PUT /profiles/bruce", {"FirstName": "B"}, {}, {P.UPDATE_PROFILE}),
    ("PUT /profiles/bruce", {"Phone": []}, {}, {P.UPDATE_PROFILE, P.UPDATE_EXTENSION}),
    ("PUT /profiles/bruce", {}, WHOLE, {P.UPDATE_PROFILE, P.READ_PROFILE, P.READ_EXTENSION}),
    ("PUT /profiles/new", {"FirstName": "B"}, NEW, {P.CREATE_PROFILE}),
    ("PUT /profiles/new", {"Vip": {}}, NEW, {P.CREATE_PROFILE, P.CREATE_EXTENSION}),
    ("PATCH /profiles/bruce", {"FirstName": "B"}, {"Content-Type": MERGE}, {P.UPDATE_PROFILE}),
    (
        "PATCH /profiles/bruce",
        {"Address": None},
        {"Content-Type": MERGE},
        {P.UPDATE_PROFILE, P.UPDATE_EXTENSION, P.READ_EXTENSION},
    ),
    (
        "PATCH /profiles/bruce",
        patch("replace", "/FirstName", value="B"),
        {"Content-Type": JSON},
        {P.UPDATE_PROFILE},
    ),
    (
        "PATCH /profiles/bruce",
        patch("test", "/FirstName", value="Bruce"),
        {"Content-Type": JSON},
        {P.UPDATE_PROFILE, P.READ_PROFILE},
    ),
    (
        "PATCH /profiles/bruce",
        patch("copy", "/Title", **{"from": "/Address/City"}),
        {"Content-Type": JSON},
        {P.UPDATE_PROFILE, P.UPDATE_EXTENSION, P.READ_EXTENSION},
    ),
    (
        "PATCH /profiles/bruce",
        patch("replace", "", value={"FirstName": "B"}),
        {"Content-Type": JSON},
        {P.UPDATE_PROFILE, P.UPDATE_EXTENSION, P.READ_EXTENSION},
    ),
    (
        "POST /profiles/bruce/extensions",
        {"Vip": {}},
        WHOLE,
        {P.CREATE_EXTENSION, P.UPDATE_EXTENSION, P.READ_PROFILE, P.READ_EXTENSION},
    ),
    (
        "PUT /profiles/bruce/extensions/Vip",
        {},
        WHOLE,
        {P.UPDATE_EXTENSION, P.READ_PROFILE, P.READ_EXTENSION},
    ),
    ("DELETE /profiles/bruce", None, WHOLE, {P.DELETE_PROFILE}),
]


@pytest.mark.parametrize(("call", "body", "headers", "needs"), CASES)
def test_a_call_takes_what_it_asks_for_and_no_more(
    caller: Caller, call: str, body: Any, headers: Any, needs: set[Privilege]
) -> None:
    before = whole(caller)
    for lacking in needs:
        refused = caller.send(ALL - {lacking}, call, body, headers, expect=403)
        assert refused.json["code"] == "privileges_missing"
        assert refused.json["missing"] == [lacking]
    assert whole(caller) == before
    status = 201 if call == "POST /profiles" or headers is NEW else 200
    caller.send(needs, call, body, headers, expect=status)


def whole(caller: Caller) -> tuple[bytes, str]:
    """The profile there is, its version, and that there is no other."""
    caller.send(ALL, "GET /profiles/new", expect=404)
    answer = caller.send(ALL, f"GET {ONE}?extensions=*", expect=200)
    return answer.data, answer.headers["ETag"]


@pytest.mark.parametrize("asked", ["extensions=Nope", "extensions="])
def test_what_extensions_there_are_is_not_told_who_may_not_read_them(
    caller: Caller, asked: str
) -> None:
    caller.send({P.READ_PROFILE}, f"GET {ONE}?{asked}", expect=403)
    caller.send({P.READ_PROFILE}, f"GET /profiles?LastName=Banner&{asked}", expect=403)
    caller.send({P.READ_PROFILE}, "GET /profiles?Nope.Nope=1", expect=403)


def test_all_that_is_missing_is_named_at_once(caller: Caller) -> None:
    refused = caller.send({P.UPDATE_PROFILE}, f"PUT {ONE}", {}, WHOLE, expect=403)
    assert refused.json["missing"] == [P.READ_PROFILE, P.READ_EXTENSION]


def test_without_authentication_anybody_may_do_all(api: ApiClient) -> None:
    path = api.created(EXAMPLE)
    assert api.put(path, {"Vip": {}}, Prefer="return=representation").json

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
        patch("add", "/FirstName", value="B"),
        {"Content-Type": JSON},
        {P.UPDATE_PROFILE},
    ),
    *(
        (
            "PATCH /profiles/bruce",
            operations,
            {"Content-Type": JSON},
            {P.UPDATE_PROFILE, P.READ_PROFILE},
        )
        for operations in (
            patch("replace", "/FirstName", value="B"),
            patch("remove", "/DOB"),
            patch("remove", "/EmailAddress/0"),
            patch("add", "/EmailAddress/0", value="b"),
            patch("add", "/EmailAddress/-", value="b"),
        )
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


def shortened(attributes: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """``attributes``, with one character at most for the one called ``name``."""
    return [each | ({"length": 1} if each["name"] == name else {}) for each in attributes]


@pytest.mark.parametrize("path", ["/DOB", "/Nope", "/EmailAddress/0", "/EmailAddress/9"])
@pytest.mark.parametrize("name", ["remove", "replace", "add"])
def test_a_patch_tells_nobody_what_is_there_who_may_not_read_it(
    caller: Caller, path: str, name: str
) -> None:
    """Whatever is stored, the refusal is the same."""
    operations = [*patch(name, path + "/0", value="b"), *patch("remove", "/nosuchthing")]
    headers = {"Content-Type": JSON}
    refused = caller.send({P.UPDATE_PROFILE}, f"PATCH {ONE}", operations, headers, expect=403)
    assert refused.json["missing"] == [P.READ_PROFILE]
    assert "errors" not in refused.json


def test_what_no_longer_fits_is_told_only_to_who_may_read_it(caller: Caller) -> None:
    attributes = caller.send(ALL, "GET /metadata/profiles", expect=200).json
    changed = shortened(attributes, "LastName")
    caller.send(ALL, "PUT /metadata/profiles?force=true", changed, expect=200)
    headers = {"Content-Type": MERGE}
    for privileges, pointers in (
        ({P.UPDATE_PROFILE}, ["/Title", ""]),
        ({P.UPDATE_PROFILE, P.READ_PROFILE}, ["/LastName", "/Title"]),
    ):
        refused = caller.send(privileges, f"PATCH {ONE}", {"Title": 1}, headers, expect=400)
        assert sorted(each["pointer"] for each in refused.json["errors"]) == sorted(pointers)
        assert refused.json["code"] == "invalid_profile"
    told = caller.send(
        {P.UPDATE_PROFILE}, f"PATCH {ONE}", {"LastName": "Ross"}, headers, expect=400
    )
    assert [each["pointer"] for each in told.json["errors"]] == ["/LastName"]


def test_a_record_that_no_longer_fits_is_told_only_to_who_may_read_it(caller: Caller) -> None:
    phone = caller.send(ALL, "GET /metadata/profiles/extensions/Phone", expect=200).json
    phone["attributes"] = shortened(phone["attributes"], "description")
    records = [{"PhoneNumber": "1", "description": "home"}]
    caller.send(ALL, f"PUT {ONE}/extensions/Phone", records, expect=200)
    caller.send(ALL, "PUT /metadata/profiles/extensions/Phone?force=true", phone, expect=200)
    call, body = f"PUT {ONE}/extensions/Phone/by/unique", {"PhoneNumber": "1", "prefix": "12345"}
    for privileges, pointers in (
        ({P.UPDATE_EXTENSION}, [""]),
        ({P.UPDATE_EXTENSION, P.READ_EXTENSION}, ["/description"]),
    ):
        refused = caller.send(privileges, call, {"PhoneNumber": "1", "prefix": "1"}, expect=400)
        assert [each["pointer"] for each in refused.json["errors"]] == pointers
    own = caller.send({P.UPDATE_EXTENSION}, call, body, expect=400)
    assert [each["pointer"] for each in own.json["errors"]] == ["/prefix"]
    lacking = caller.send({P.UPDATE_EXTENSION}, call, {"prefix": "1"}, expect=400)
    assert [each["pointer"] for each in lacking.json["errors"]] == ["/PhoneNumber"]


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

"""Hostile input on every route: refused with its place, and nothing of it is stored."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask
from itsdangerous import URLSafeSerializer

from app.limits import JSON_PATCH, MERGE_PATCH, TENANT_HEADER
from tests.api.conftest import client_of, following
from tests.api.routes import ONE, PARAMETERS, a_body, asked, calls, path_of, send, taking
from tests.api.tenants import all_that_is_told, filled
from tests.api.test_bodies import BROKEN
from tests.api.test_hostile_input import NO_IDS
from tests.support.client import ApiClient

# No records, no attribute definitions, or an order without any wish.
FINE_SOMEWHERE = {"empty", "no object", "null"}
WRONG = {
    TENANT_HEADER: ["", "-1", "+1", "1.0", "1e3", "0x1", "1,2", "1 2", "9" * 19, "²", "x"],
    "If-Match": ["", "1-a", '"a', 'a"', '"a" "b"', '*, "a"', "**", 'w/"a"', '"a b"', '"\x7f"'],
    "If-None-Match": ["", "1-a", '"a', "W/*", '"a",x', ",", "*" * 9000],
    "Profiles-Agent": ["\xff", "\xc0\xaf", "\xed\xa0\x80", "\xe2\x82", "a" * 257],
    "Idempotency-Key": ["", " ", "a b", "\xff", "a\tb", "a" * 256],
    "Profiles-Reason": ["\xff", "a\xf8b", "a" * 9000],
}
ODD = {
    "Accept": [",", ";q=1", "application/json;q=x", "*/*;" + "a=b;" * 999, "\xff, */*"],
    "Prefer": ["", "return", "return=", "=representation", "return=x;" * 999, '"', "\xff"],
    "X-Request-Id": ["", "\xff", "a\tb", "<b>", "a" * 9000, "../..", "${jndi:ldap://x}"],
    "traceparent": ["", "00", "00-" + "0" * 32 + "-" + "0" * 16 + "-00", "ff" * 999, "\xff"],
    "X-Genesys-Segment": ["\xff", "'" * 999],
    "Cookie": ["=", "a=\xff; " * 99],
    "Range": ["bytes=-9,0-", "x"],
    "Expect": ["x"],
    "Forwarded": ["for=\xff"],
    "X-Forwarded-Host": ["evil.example"],
    "X-HTTP-Method-Override": ["PURGE"],
}
NAMES = [each for each in NO_IDS if len(each) < 9000]


NO_CURSORS = [
    "",
    ".",
    "x",
    "x.y",
    "%00",
    "%FF",
    "=" * 9,
    "MQ" * 4500,
    "null",
    "1",
    "é",
    "..a",
    "MQ.",
]


@pytest.fixture
def api(app: Flask) -> ApiClient:
    return client_of(app)


@pytest.fixture
def unharmed(api: ApiClient, app: Flask) -> Iterator[str]:
    """A job of a tenant that has everything, which nothing of the test may change."""
    job = filled(api)
    before = all_that_is_told(api, app, job)
    yield job
    assert all_that_is_told(api, app, job) == before


def places(problem: Any) -> set[str]:
    return {name for fault in problem["errors"] for name in fault if name != "message"}


def test_no_route_takes_a_broken_body(api: ApiClient, app: Flask, unharmed: str) -> None:
    for name in BROKEN.keys() - FINE_SOMEWHERE:
        for method, path in calls(app):
            if method in {"PUT", "POST", "PATCH"}:
                patch = {"Content_Type": MERGE_PATCH} if method == "PATCH" else {}
                refused = api.send(method, path, BROKEN[name][0], expect=400, **patch)
                assert places(refused.json) == {"pointer"}, (name, method, path)


def test_no_broken_body_is_a_json_patch_or_a_value_in_one(api: ApiClient, unharmed: str) -> None:
    for name in BROKEN.keys() - {"string", *FINE_SOMEWHERE}:
        text, _ = BROKEN[name]
        for body in (text, b'[{"op":"add","path":"/FirstName","value":%s}]' % text):
            refused = api.send("PATCH", ONE, body, expect=400, Content_Type=JSON_PATCH)
            assert places(refused.json) == {"pointer"}, name


@pytest.mark.parametrize("header", WRONG)
def test_no_route_takes_a_wrong_header(api: ApiClient, unharmed: str, header: str) -> None:
    asked_of = list(taking(header))
    assert asked_of
    for method, path in asked_of:
        to = asked(method, path).replace("nope", unharmed)
        named = {"Content_Type": MERGE_PATCH} if method == "PATCH" else {}
        for value in WRONG[header]:
            wrong = {header.replace("-", "_"): value}
            refused = api.send(method, to, a_body(path), expect=400, **named, **wrong)
            assert api.faults(refused).keys() == {header}, (method, path, value)


@pytest.mark.parametrize("turn", range(max(map(len, ODD.values()))))
def test_odd_headers_never_make_a_route_fail(api: ApiClient, app: Flask, turn: int) -> None:
    filled(api)
    odd = {header: values[turn % len(values)] for header, values in ODD.items()}
    for method, path in calls(app):
        named = {**odd, TENANT_HEADER: str(api.tenant)}
        answer = send(app, method, asked(method, path), a_body(path), **named)
        assert answer.status_code < 500, (method, path)
        told = str(answer.headers)
        assert not [each for each in odd.values() if len(each) > 2 and each in told]


def test_no_route_takes_a_name_that_can_be_none(api: ApiClient, app: Flask, unharmed: str) -> None:
    """In the place of a source, an extension, a definition, a job, an edition and a file."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.arguments - {"customer_id"}]
    for rule, name in product(rules, NAMES):
        for variable in rule.arguments - {"customer_id"}:
            path = path_of(rule.rule, **{variable: name})
            for method in (rule.methods or set()) - {"OPTIONS"}:
                answer = send(app, method, path, a_body(path), **{TENANT_HEADER: str(api.tenant)})
                edition = variable == "edition" and answer.status_code == 200
                assert edition or answer.status_code in {400, 404, 405}, (method, path)


def test_no_route_takes_a_hundred_parameters(api: ApiClient, app: Flask, unharmed: str) -> None:
    names = [f"p{number}" for number in range(100)]
    query = "&".join(f"{name}=%00%FF" for name in names)
    for method, path in calls(app):
        if method not in {"OPTIONS", "HEAD"} and not path.startswith("/health"):
            refused = api.send(method, f"{path}?{query}", a_body(path), expect=400)
            assert api.faults(refused).keys() == set(names), (method, path)


def test_no_route_takes_a_cursor_that_it_did_not_give(api: ApiClient, unharmed: str) -> None:
    other_secret = URLSafeSerializer("secret").dumps(1)
    for (method, path), names in PARAMETERS.items():
        if "cursor" in names:
            page = asked(method, path)
            page += "&limit=1" if "?" in page else "?limit=1"
            given = (following(api.get(page)) or "").partition("cursor=")[2]
            altered = [given[:-1], given + "x", given[1:], given.swapcase(), given[::-1]]
            for cursor in [*NO_CURSORS, other_secret, *(altered if given else [])]:
                refused = api.get(f"{page}&cursor={cursor}", expect=400)
                assert api.faults(refused).keys() == {"cursor"}, (path, cursor)
                assert (refused.json or {})["code"] == "wrong_cursor"

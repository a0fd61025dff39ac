"""Random requests of every kind: never a failure, and what is refused leaves nothing behind."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app.dao.base import Dao
from app.dao.values import DEFINITION, DocumentKey, ProfileKey
from app.factory import create_app
from app.limits import TENANT_HEADER
from app.settings import AccessLog, read_settings
from tests.api.routes import ONE, a_body, asked, calls
from tests.api.tenants import filled
from tests.fuzz import domain
from tests.support.client import ApiClient
from tests.support.creators import a_tenant

EXAMPLES = 100
PLACES = {"pointer", "parameter", "header", "path"}
FREE = {"Location", "Content-Location", "Link", "X-Request-Id"}
"""Headers that lead to what was made, or repeat a part of the request that has a proper form."""

HOW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Target:
    """One tenant, what it has, and how its requests ended."""

    app: Flask
    api: ApiClient
    dao: Dao
    seen: Counter[int] = field(default_factory=Counter)

    def stored(self) -> tuple[Any, ...]:
        """Changes with everything that is written for the tenant."""
        ids = self.dao.scan(self.api.tenant, None, 1000).customer_ids
        found = {each: self.dao.get(ProfileKey(self.api.tenant, each)) for each in ids}
        versions = {name: stored and stored.version for name, stored in found.items()}
        definition = self.dao.get_document(DocumentKey(self.api.tenant, DEFINITION))
        return versions, definition and definition.tag

    def send(self, method: str, path: str, data: bytes, **headers: str) -> TestResponse:
        """One request, whose answer is held against all that is true of every one.

        The client holds it against the document, too.
        """
        before = self.stored()
        media_type = "application/merge-patch+json" if method == "PATCH" else "application/json"
        named = {TENANT_HEADER: str(self.api.tenant), "Content-Type": media_type} | headers
        answer = self.api.client.open(path, method=method, data=data, headers=named)
        self.seen[answer.status_code] += 1
        assert answer.status_code < 500
        told = [text for name, text in answer.headers if name not in FREE]
        assert not any(domain.MARK in text for text in told)
        if answer.status_code >= 400:
            assert self.stored() == before
        if answer.status_code == 400 and method != "HEAD":
            errors = json.loads(answer.data)["errors"]
            assert errors
            assert all(each.keys() & PLACES for each in errors)
        return answer


@pytest.fixture
def target(dao: Dao) -> Iterator[Target]:
    """Its tenant has two profiles, and a definition that was changed."""
    app = create_app(replace(read_settings(), access_log=AccessLog.OFF), dao)
    api = ApiClient(app.test_client(), a_tenant())
    filled(api)
    yield Target(app, api, dao)
    api.send("POST", "/server/mode", {"mode": "production"}, expect=200)


def test_random_bodies_are_taken_or_refused_in_full(target: Target) -> None:
    writes = [
        (method, path)
        for method, path in calls(target.app)
        if method in {"PUT", "POST", "PATCH"} and path != "/server/mode"
    ]

    @HOW
    @given(st.sampled_from(writes), domain.bodies, st.booleans())
    def send(call: tuple[str, str], body: bytes, json_patch: bool) -> None:
        media_type = {"Content-Type": "application/json-patch+json"}
        target.send(*call, body, **media_type if json_patch and call[0] == "PATCH" else {})

    send()
    assert 400 in target.seen
    assert any(status < 300 for status in target.seen)


def test_random_headers_are_taken_or_refused_in_full(target: Target) -> None:
    @HOW
    @given(st.sampled_from(list(calls(target.app))), domain.headers)
    def send(call: tuple[str, str], headers: dict[str, str]) -> None:
        method, path = call
        named = headers.get(TENANT_HEADER, "")
        if named.isdigit():
            headers[TENANT_HEADER] = str(target.api.tenant)
        target.send(method, asked(method, path), a_body(path), **headers)

    send()
    assert target.seen.keys() >= {200, 400, 406, 415}


def test_random_parameters_are_taken_or_refused_in_full(target: Target) -> None:
    @HOW
    @given(st.sampled_from(list(calls(target.app))), domain.parameters)
    def send(call: tuple[str, str], parameters: list[tuple[str, str]]) -> None:
        method, path = call
        query = urlencode(parameters, errors="surrogatepass")
        target.send(method, f"{path}?{query}", a_body(path))

    send()
    assert 400 in target.seen
    assert any(status < 300 for status in target.seen)


def test_a_random_profile_that_is_taken_is_read_as_it_was_put(target: Target) -> None:
    """And can be put back as it is read."""

    @HOW
    @given(domain.profiles)
    def put(profile: dict[str, Any]) -> None:
        body = json.dumps(profile).encode()
        if target.send("PUT", ONE, body).status_code == 200:
            read = target.api.get(f"{ONE}?extensions=*").data
            given = {name for name, value in profile.items() if value not in (None, [], {})}
            assert given - {"Vip"} <= json.loads(read).keys() | {"customer_id"}
            assert target.send("PUT", ONE, read).status_code == 200
            assert target.api.get(f"{ONE}?extensions=*").data == read

    put()
    assert target.seen.keys() >= {200, 400}


def test_a_random_definition_that_is_taken_is_read_as_it_was_put(target: Target) -> None:
    @HOW
    @given(st.lists(domain.attributes, max_size=3), st.booleans())
    def put(attributes: list[dict[str, Any]], force: bool) -> None:
        path = f"/metadata/profiles?force={force}"
        answer = target.send("PUT", path, json.dumps(attributes).encode())
        if answer.status_code == 200:
            read = target.api.get("/metadata/profiles")
            assert read.data == answer.data
            assert [each["name"] for each in read.json or ()] == [a["name"] for a in attributes]
            assert target.send("PUT", path, read.data).status_code == 200

    put()
    assert target.seen.keys() >= {400}

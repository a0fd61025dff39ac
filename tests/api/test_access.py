"""Who may do what: of every route, also of those to come."""

from functools import cache
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.access.privileges import ALL, Privilege
from app.operations import OPERATIONS
from tests.api.conftest import METHODS, Protected, client_of
from tests.api.routes import METRICS, ONE, a_body, asked, calls, send
from tests.support.access import KEY, credentials, wrong_credentials
from tests.support.creators import EXAMPLE, a_tenant

DOCUMENT = "/openapi.json"
"""It takes no privilege."""


def asking(app: Flask) -> list[tuple[str, str]]:
    return [
        (method, path)
        for method, path in calls(app)
        if method != "OPTIONS" and not OPERATIONS[endpoint_of(app, method, path)].public
    ]


def endpoint_of(app: Flask, method: str, path: str) -> str:
    return str(app.url_map.bind("localhost").match(path, method)[0])


def ask(app: Flask, headers: dict[str, str]) -> TestResponse:
    return send(app, "GET", ONE, None, **headers)


def problem(answer: TestResponse) -> Any:
    assert answer.content_type == "application/problem+json"
    return answer.json


def test_every_route_says_what_it_needs(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == OPERATIONS.keys()


def test_only_health_and_the_page_without_data_are_public() -> None:
    public = {endpoint for endpoint, operation in OPERATIONS.items() if operation.public}
    assert public == {"health.live", "health.ready", "documents.docs", "documents.asset"}


def test_only_the_document_needs_no_privilege_of_those_who_ask() -> None:
    asking = {name: each.needs for name, each in OPERATIONS.items() if not each.public}
    assert [name for name, needs in asking.items() if not needs] == ["documents.openapi"]


def test_every_route_asks_who_it_is_before_it_looks_at_anything(closed: Protected) -> None:
    app = closed()
    malformed = {"X-Genesys-TenantId": "x", "Accept": "text/html", "If-Match": "x"}
    for method, path in asking(app):
        for headers in ({}, malformed):
            answer = send(app, method, f"{path}?nope=1", b"{", **headers)
            assert (method, path, answer.status_code) == (method, path, 401)


@pytest.mark.parametrize("how", METHODS)
def test_every_route_refuses_wrong_credentials(closed: Protected, how: str) -> None:
    app = closed()
    for method, path in asking(app):
        answer = send(app, method, path, a_body(path), **wrong_credentials()[how])
        assert (method, path, answer.status_code) == (method, path, 401)


@pytest.mark.parametrize("how", METHODS)
def test_every_route_lets_in_who_is_known(closed: Protected, how: str) -> None:
    app = closed()
    for method, path in asking(app):
        answer = send(app, method, asked(method, path), a_body(path), **credentials()[how])
        let_in = 200 if path == METRICS else 500  # from a store that always fails
        assert (method, path, answer.status_code) == (method, path, let_in)


@pytest.mark.parametrize("how", METHODS)
def test_a_method_that_is_off_is_not_taken(closed: Protected, how: str) -> None:
    app = closed(methods=tuple(each for each in METHODS if each != how))
    assert ask(app, credentials()[how]).status_code == 401


@pytest.mark.parametrize("how", METHODS)
def test_one_method_alone_is_enough(closed: Protected, how: str) -> None:
    app = closed(methods=(how,))
    answers = {each: ask(app, given) for each, given in credentials().items()}
    assert {each for each, answer in answers.items() if answer.status_code != 401} == {how}


def test_nobody_is_asked_about_health_options_and_paths_that_are_not_there(
    protected: Protected,
) -> None:
    app = protected()
    told = {
        call: send(app, *call, None).status_code
        for call in [("GET", "/health/live"), ("OPTIONS", ONE), ("GET", "/no"), ("BREW", ONE)]
    }
    assert list(told.values()) == [200, 200, 404, 405]


def test_every_route_names_the_privilege_that_is_missing(closed: Protected) -> None:
    for lacking in Privilege:
        app = closed(ALL - {lacking})
        for method, path in asking(app):
            if lacking in OPERATIONS[endpoint_of(app, method, path)].needs:
                answer = send(app, method, path, a_body(path), **{"X-API-Key": KEY})
                assert (method, path, answer.status_code) == (method, path, 403)
                assert method == "HEAD" or problem(answer)["missing"] == [lacking]


def test_every_route_lets_in_who_has_just_what_it_needs(closed: Protected) -> None:
    app_for = cache(closed)
    everything = closed()
    for method, path in asking(everything):
        app = app_for(OPERATIONS[endpoint_of(everything, method, path)].needs)
        answer = send(app, method, asked(method, path), a_body(path), **{"X-API-Key": KEY})
        let_in = 200 if path == METRICS else 500  # from a store that always fails
        assert (method, path, answer.status_code) == (method, path, let_in)


def test_every_route_of_a_tenant_refuses_another_one(closed: Protected) -> None:
    app = closed((), tenants=[7])
    for method, path in asking(app):
        answer = send(app, method, path, a_body(path), **{"X-API-Key": KEY})
        assert answer.status_code == 403
        of_tenant = OPERATIONS[endpoint_of(app, method, path)].of_tenant
        assert of_tenant is path.startswith(("/profiles", "/metadata", DOCUMENT))
        if method != "HEAD":
            code = "tenant_not_allowed" if of_tenant else "privileges_missing"
            assert (method, path, problem(answer)["code"]) == (method, path, code)


def test_a_tenant_that_is_none_is_told_before_one_that_is_not_allowed(closed: Protected) -> None:
    app = closed((), tenants=[])
    malformed = {"X-Genesys-TenantId": "x", "X-API-Key": KEY}
    assert ask(app, malformed).status_code == 400


@pytest.mark.parametrize("how", METHODS)
def test_a_caller_uses_the_tenants_it_has(protected: Protected, how: str) -> None:
    tenant = a_tenant()
    app = protected(tenants=[tenant, 1])
    for number, status in [(tenant, 404), (1, 404), (a_tenant(), 403)]:
        headers = {"X-Genesys-TenantId": str(number), **credentials()[how]}
        assert send(app, "GET", "/profiles/nobody-at-all", None, **headers).status_code == status


@pytest.mark.parametrize("methods", [("api_key",), ("jwt", "basic"), METHODS])
def test_a_refusal_lists_the_methods_that_are_on(
    closed: Protected, methods: tuple[str, ...]
) -> None:
    challenges = {
        "api_key": 'ApiKey realm="profiles", header="X-API-Key"',
        "basic": 'Basic realm="profiles", charset="UTF-8"',
        "jwt": 'Bearer realm="profiles"',
    }
    told = send(closed(methods=methods), "GET", ONE).headers.getlist("WWW-Authenticate")
    assert told == [challenges[method] for method in methods]


def test_a_refusal_is_the_same_whatever_the_cause(closed: Protected) -> None:
    app = closed()
    causes = [
        {},
        *wrong_credentials().values(),
        {"Authorization": credentials()["basic"]["Authorization"].replace("Basic", "Digest")},
        *({"Authorization": text} for text in HOSTILE),
    ]
    answers = [ask(app, cause | {"X-Request-Id": "1"}) for cause in causes]
    assert {(each.status_code, each.data, str(each.headers)) for each in answers} == {
        (401, answers[0].data, str(answers[0].headers))
    }


HOSTILE = [
    "",
    "Basic",
    "Basic ",
    "Basic \u00e9",
    "Basic bm8gY29sb24=",
    "Basic /////w==",
    "Basic Og==",
    "Bearer",
    "Bearer pk_",
    "Bearer a.b.c",
    "Bearer \u00ff.\u00ff.\u00ff",
    "Bearer " + "." * 5000,
    "Bearer e30.e30.e30",
    "Bearer bnVsbA.e30.",
    "Bearer eyJhbGciOlsiUlMyNTYiXX0.e30.",
    "Bearer eyJhbGciOiJFUzI1NiIsImtpZCI6MX0.e30.",
]


def test_a_key_is_taken_as_a_bearer_token_too(closed: Protected) -> None:
    app = closed()
    for scheme in ("Bearer", "bearer"):
        assert send(app, "GET", ONE, Authorization=f"{scheme} {KEY}").status_code == 500


def test_a_wrong_key_is_not_mended_by_other_credentials(closed: Protected) -> None:
    both = wrong_credentials()["api_key"] | credentials()["basic"]
    assert ask(closed(), both).status_code == 401


def test_what_is_stored_stays_when_a_call_is_refused(protected: Protected) -> None:
    app, tenant = protected(()), a_tenant()
    everything = client_of(protected())
    everything.tenant = tenant
    path = everything.post(EXAMPLE | {"customer_id": "bruce"}, X_API_Key=KEY).headers["Location"]
    before = everything.get(f"{path}?extensions=*", X_API_Key=KEY)
    for method, to in asking(app):
        headers = {"X-Genesys-TenantId": str(tenant), "X-API-Key": KEY}
        refused = 200 if to == DOCUMENT else 403
        assert send(app, method, asked(method, to), a_body(to), **headers).status_code == refused
    after = everything.get(f"{path}?extensions=*", X_API_Key=KEY)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])

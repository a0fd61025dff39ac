"""The check of answers against the document finds every kind of disagreement."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.application import ProfilesApp
from app.http_problems import HTTP_PROBLEMS
from app.openapi.documents import Documents
from app.parts import DEFINITIONS, DOCUMENTS
from app.problem_body import problem_body
from app.services.definitions import Definitions
from tests.support import checked
from tests.support.checked import CheckedClient
from tests.support.contract import Contract, ContractBroken, Exchange
from tests.support.documents import document_of
from tests.unit.schemas import DEFAULT

DOCUMENT = document_of(DEFAULT.definition)
KEPT = {
    "ETag": '"1-a"',
    "Vary": "X-Genesys-TenantId, Authorization, X-API-Key",
    "Cache-Control": "private, no-cache",
}
JSON = {"Content-Type": "application/json"}
PROBLEM = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
BRUCE = {"customer_id": "bruce", "FirstName": "Bruce", "Phone": [{"PhoneType": 1}]}


def an_exchange(body: Any = BRUCE, status: int = 200, **changes: Any) -> Exchange:
    """A query of a profile, in order but for ``changes``."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    usual = {"method": "GET", "path": "/profiles/bruce", "headers": JSON | KEPT}
    return Exchange(status=status, body=text, **usual | changes)


def a_refusal(status: int, /, **members: Any) -> dict[str, Any]:
    return problem_body(HTTP_PROBLEMS[status]) | members


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(DOCUMENT)


def test_what_is_documented_passes(contract: Contract) -> None:
    contract.check(an_exchange())
    contract.check(an_exchange(b"", method="HEAD"))
    contract.check(an_exchange(b"", 304, headers=KEPT))
    contract.check(an_exchange(a_refusal(406), 406, headers=PROBLEM))
    contract.check(an_exchange(a_refusal(404), 404, path="/nope", headers=PROBLEM))
    contract.check(an_exchange(b"", method="OPTIONS", headers=JSON | {"Allow": "GET"}))


@pytest.mark.parametrize(
    ("exchange", "why"),
    [
        (an_exchange(status=202), "the status is not documented"),
        (an_exchange(BRUCE | {"DOB": "10.05.1962"}), '/DOB: "10.05.1962" is not a "date"'),
        (an_exchange(BRUCE | {"FirstName": 5}), "/FirstName: 5 is not of type"),
        (an_exchange(BRUCE | {"Nope": 5}), "('Nope' was unexpected)"),
        (an_exchange(BRUCE | {"Phone": [{"Nope": 5}]}), "('Nope' was unexpected)"),
        (an_exchange(BRUCE | {"Phone": {"PhoneType": 1}}), "/Phone"),
        (an_exchange({}), '"customer_id" is a required property'),
        (an_exchange(b"{"), "the body is no JSON"),
        (an_exchange(headers=KEPT | {"Content-Type": "text/html"}), "the media type is text/html"),
        (an_exchange(headers=KEPT), "the media type is None"),
        (an_exchange(headers=JSON | KEPT | {"ETag": "bare"}), "the header ETag"),
        (an_exchange(headers=JSON | KEPT | {"X-New": "1"}), "['x-new'] are not documented"),
        (an_exchange(headers=JSON), "the header ETag is missing"),
        (an_exchange(b"", 304, headers=KEPT | JSON), "has a Content-Type without content"),
        (an_exchange(b"{}", 304, headers=KEPT), "has a body"),
        (an_exchange(b"{}", method="HEAD"), "has a body"),
        (an_exchange(a_refusal(406, code="other"), 406, headers=PROBLEM), "/code"),
        (an_exchange(a_refusal(406, status=400), 406, headers=PROBLEM), "/status"),
        (an_exchange(a_refusal(500), 503, headers=PROBLEM), "the header Retry-After is missing"),
        (
            an_exchange(a_refusal(400, code="self_merge"), 400, headers=PROBLEM),
            "the code self_merge is not documented",
        ),
        (an_exchange(path="/nope"), "is answered, but not documented"),
        (an_exchange(method="POST"), "is answered, but not documented"),
        (an_exchange(b"", method="OPTIONS"), "has no Allow"),
        (an_exchange(a_refusal(404), 404, path="/nope", headers=JSON), "the media type"),
        (an_exchange(a_refusal(405), 404, path="/nope", headers=PROBLEM), "/status"),
        (an_exchange(a_refusal(404), 409, path="/nope", headers=PROBLEM), "refused, but not"),
        (an_exchange(a_refusal(404), 404, path="/docs/x", headers=JSON), "with no problem"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_not_documented_is_found(contract: Contract, exchange: Exchange, why: str) -> None:
    with pytest.raises(ContractBroken) as broken:
        contract.check(exchange)
    assert why in str(broken.value)


def test_a_break_names_the_operation_and_the_place(contract: Contract) -> None:
    with pytest.raises(ContractBroken) as broken:
        contract.check(an_exchange({"customer_id": "bruce", "Phone": [{}, {"PhoneType": "x"}]}))
    told = "GET /profiles/{customer_id}, 200: the body, /Phone/1/PhoneType: "
    assert str(broken.value).startswith(told)


def test_the_content_of_a_success_can_be_left_unchecked(contract: Contract) -> None:
    contract.check(an_exchange(BRUCE | {"FirstName": 5}), body=False)
    with pytest.raises(ContractBroken):
        contract.check(an_exchange(status=202), body=False)


def without(*place: str | int) -> dict[str, Any]:
    """The document without what stands at ``place``."""
    changed: Any = json.loads(json.dumps(DOCUMENT))
    parent = changed
    for step in place[:-1]:
        parent = parent[step]
    del parent[place[-1]]
    return dict(changed)


GET = ("paths", "/profiles/{customer_id}", "get")


@pytest.mark.parametrize(
    "document",
    [
        without(*GET),
        without(*GET, "responses", "200"),
        without(*GET, "responses", "200", "headers", "Vary"),
        without(*GET, "responses", "200", "content"),
        without("components", "schemas", "Profile", "properties", "FirstName"),
        without("components", "schemas", "PhoneRecord", "properties", "PhoneType"),
    ],
)
def test_whatever_is_missing_in_the_document_is_found(document: dict[str, Any]) -> None:
    with pytest.raises(ContractBroken):
        Contract(document).check(an_exchange())


def test_the_paths_of_a_document_are_below_its_base_path() -> None:
    contract = Contract(document_of(DEFAULT.definition, "/cv"))
    contract.check(an_exchange(path="/cv/profiles/bruce"))
    headers = JSON | {"Cache-Control": "no-store"}
    alive = an_exchange({"status": "alive"}, path="/health/live", headers=headers)
    contract.check(alive)
    with pytest.raises(ContractBroken):
        contract.check(an_exchange())


class NoDao:
    """A store that no check may ask."""


@pytest.fixture
def app() -> Flask:
    app = ProfilesApp("customer-profiles", static_folder=None)
    definitions: Any = Definitions(NoDao(), DEFAULT.definition)  # type: ignore[arg-type]
    app.extensions |= {DEFINITIONS: definitions, DOCUMENTS: Documents("")}
    return app


Answer = Callable[[], tuple[bytes, int, dict[str, str]]]


def test_every_test_client_checks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked, "_FORCED", set[int]())  # whatever other tests have forced
    app.add_url_rule("/profiles/bruce", view_func=lambda: (b"{}", 200, JSON | KEPT))
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    with pytest.raises(ContractBroken, match="customer_id"):
        client.get("/profiles/bruce")


def test_a_client_asks_no_store_for_the_document(app: Flask) -> None:
    body = json.dumps(BRUCE).encode()
    app.add_url_rule("/profiles/bruce", view_func=lambda: (body, 200, JSON | KEPT))
    assert app.test_client().get("/profiles/bruce").status_code == 200

"""``/openapi.json`` of a tenant, and the page that shows it."""

import json
import re
from typing import Any

import pytest

from app.routes import pages
from tests.api.conftest import ApiWith, unchanged
from tests.support.client import ApiClient


def document(api: ApiClient, path: str = "/openapi.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(api.get(path).data)
    return found


def test_the_document_is_that_of_the_tenant(api: ApiClient) -> None:
    found = document(api)
    assert found["openapi"] == "3.1.0"
    assert f"tenant {api.tenant}," in found["info"]["description"]
    assert found["components"]["parameters"]["Tenant"]["example"] == str(api.tenant)


def test_a_change_of_the_definition_is_in_the_next_document(api: ApiClient) -> None:
    before = api.get("/openapi.json").headers["ETag"]
    note = {"name": "Note", "type": "multi-valued", "attributes": [{"name": "T", "type": "long"}]}
    api.send("POST", "/metadata/profiles/extensions", note, expect=201)
    answer = api.get("/openapi.json", If_None_Match=before)
    schemas = json.loads(answer.data)["components"]["schemas"]
    assert schemas["NoteRecord"]["properties"]["T"]["format"] == "int64"
    assert answer.headers["ETag"] != before


def test_a_client_that_has_the_document_gets_no_other(api: ApiClient) -> None:
    first = api.get("/openapi.json")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Vary"] == "X-Genesys-TenantId, Authorization, X-API-Key"
    again = api.get("/openapi.json", expect=304, If_None_Match=first.headers["ETag"])
    assert (again.data, again.headers["ETag"]) == (b"", first.headers["ETag"])


def test_the_document_comes_in_the_edition_that_is_asked_for(api: ApiClient) -> None:
    editions = {each: document(api, f"/openapi.json?version={each}") for each in ("3.0", "3.1")}
    assert editions["3.0"]["openapi"] == "3.0.3"
    assert editions["3.1"] == document(api)
    refused = api.get("/openapi.json?version=2.0", expect=400)
    assert api.faults(refused) == {"version": "must be 3.0 or 3.1"}


def test_reading_the_document_stores_nothing(api: ApiClient) -> None:
    path = api.created({})
    with unchanged(api, path):
        api.get("/openapi.json")


@pytest.mark.parametrize("base", ["/cv", "/genesys/1/cs"])
def test_document_and_page_are_below_the_base_path(api_with: ApiWith, base: str) -> None:
    api = api_with(base_path=base)
    assert document(api, f"{base}/openapi.json")["servers"] == [{"url": base}]
    api.get(f"{base}/docs")
    api.get("/docs", expect=404)
    api.get("/openapi.json", expect=404)


def test_the_page_lets_nothing_in_but_its_own(api: ApiClient) -> None:
    page = api.get("/docs?tenant=2")
    policy = dict(
        each.strip().split(" ", 1) for each in page.headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["img-src"] == "'self' data:"
    assert policy["frame-ancestors"] == "'none'"
    assert not any("unsafe" in each or "http" in each for each in policy.values())
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert b"<script>" not in page.data
    assert b" style=" not in page.data


def test_all_that_the_page_loads_is_there_and_may_be_kept_for_ever(api: ApiClient) -> None:
    loaded = re.findall(r'(?:src|href)="(docs/[^"]+)"', api.get("/docs").text)
    assert len(loaded) == 5
    for path in loaded:
        file = api.get(f"/{path}")
        assert file.data
        assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert file.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_of_another_release_finds_its_files_but_keeps_none(api: ApiClient) -> None:
    assert api.get("/docs/other/docs.js").headers["Cache-Control"] == "no-cache"


def test_the_licence_of_what_is_served_is_served(api: ApiClient) -> None:
    assert "Apache License" in api.get(f"/docs/{pages.edition()}/LICENSE").text


@pytest.mark.parametrize("file", ["page.html", "..", "%2e%2e%2fpages.py", "index.css", "x.js"])
def test_no_other_file_is_served(api: ApiClient, file: str) -> None:
    api.get(f"/docs/{pages.edition()}/{file}", expect=404)

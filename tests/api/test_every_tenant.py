"""What holds of every route and any two tenants: neither meets what the other has."""

from typing import Any

from flask import Flask

from tests.api.conftest import client_of, following
from tests.api.routes import ID, OTHER_ID, PARAMETERS, a_body, asked, calls, send
from tests.api.tenants import all_that_is_told, filled


def test_a_tenant_that_is_none_is_refused(app: Flask) -> None:
    for method, path in calls(app):
        if path.startswith(("/profiles", "/metadata")) and method != "OPTIONS":
            answer = send(app, method, path, a_body(path), **{"X-Genesys-TenantId": "x"})
            assert (method, path, answer.status_code) == (method, path, 400)
            assert method == "HEAD" or "X-Genesys-TenantId" in answer.text


def test_no_route_shows_or_changes_what_another_tenant_has(app: Flask) -> None:
    api = client_of(app)
    job = filled(api)
    before = all_that_is_told(api, app, job)
    for method, path in calls(app):
        to = asked(method, path).replace("nope", job)
        answer = send(app, method, to, a_body(path))
        assert "Talbot" not in answer.text + str(answer.headers), (method, to)
        if method != "OPTIONS" and (ID in to or job in to):
            assert (method, to, answer.status_code) == (method, to, 404)
    assert all_that_is_told(api, app, job) == before


def test_what_is_done_to_a_profile_of_the_same_id_is_done_to_that_one_only(app: Flask) -> None:
    api = client_of(app)
    job = filled(api)
    before, refused = all_that_is_told(api, app, job), set[tuple[str, str]]()
    for method, path in calls(app):
        other = client_of(app)
        for customer_id in (ID, OTHER_ID):
            phones = [{"PhoneNumber": "1"}]
            other.created({"customer_id": customer_id, "PhoneNumber": "1", "Phone": phones})
        tenant = {"X-Genesys-TenantId": str(other.tenant)}
        answer = send(app, method, asked(method, path), a_body(path), **tenant)
        assert "Talbot" not in answer.text + str(answer.headers), (method, path)
        if answer.status_code >= 300:
            refused.add((method, path))
    assert refused == {
        ("GET", "/metadata/jobs/nope"),
        ("HEAD", "/metadata/jobs/nope"),
        ("DELETE", "/metadata/profiles/extensions/Phone"),
    }
    assert all_that_is_told(api, app, job) == before


def test_no_route_takes_another_tenant_s_cursor(app: Flask) -> None:
    api, other = client_of(app), client_of(app)
    for each in (api, other):
        for customer_id in (ID, OTHER_ID):
            phones = [{"PhoneNumber": "1"}, {"PhoneNumber": "2"}]
            path = each.created({"customer_id": customer_id, "PhoneNumber": "1", "Phone": phones})
            each.put(path, {"PhoneNumber": "1"})
    for (method, path), names in PARAMETERS.items():
        if "cursor" in names:
            page = asked(method, path)
            page += "&limit=1" if "?" in page else "?limit=1"
            second = following(api.get(page)) or ""
            assert api.get(second).json != api.get(page).json
            refused: Any = other.get(second, expect=400).json
            assert refused["code"] == "wrong_cursor"
            forged: Any = api.get(second[:-1] + "AQ"[second[-1] == "A"], expect=400).json
            assert forged["code"] == "wrong_cursor"

"""What holds of every route and any two tenants: neither meets what the other has."""

from pathlib import Path
from typing import Any

from flask import Flask

from tests.api.conftest import ApiWith, client_of, following, tag_of
from tests.api.routes import ID, ONE, OTHER_ID, PARAMETERS, a_body, asked, calls, send, taking
from tests.api.tenants import all_that_is_told, filled
from tests.api.test_unique_keys import DEFINITION, HULK
from tests.support.client import ApiClient


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


def tag_at(api: ApiClient, path: str) -> str:
    """That of what a call of ``path`` reads or changes."""
    whole = (ONE, "/metadata/profiles", "/openapi.json")
    return tag_of(api, next(each for each in whole if path[:9] == each[:9]))


def test_no_route_takes_another_tenant_s_entity_tag(app: Flask) -> None:
    api, other = client_of(app), client_of(app)
    filled(api)
    job = filled(other)
    before = all_that_is_told(other, app, job)
    for method, path in taking("If-Match"):
        tag = tag_at(api, path)
        answer = send(app, method, path, a_body(path), **of(other, If_Match=tag))
        assert (method, path, answer.status_code) == (method, path, 412)
        if method == "GET":
            answer = send(app, method, path, None, **of(other, If_None_Match=tag))
            assert (method, path, answer.status_code) == (method, path, 200)
    assert all_that_is_told(other, app, job) == before


def test_no_version_of_another_tenant_is_shown(app: Flask) -> None:
    api, other = client_of(app), client_of(app)
    filled(api)
    other.created({"customer_id": ID})
    assert "Talbot" in api.get(f"{ONE}?version=2").text
    other.get(f"{ONE}?version=2", expect=404)
    assert other.get(f"{ONE}?version=1&extensions=*").json == {"customer_id": ID}
    for number in (1, 2):
        client_of(app).get(f"{ONE}?version={number}", expect=404)


def test_no_id_names_what_another_tenant_has(app: Flask) -> None:
    api, other = client_of(app), client_of(app)
    filled(api)
    path = f"/profiles?customer_id={ID},{OTHER_ID}&extensions=*"
    assert "Talbot" in api.get(path).text
    assert other.get(path).json == []
    told = other.get(path, Prefer="explain").json
    assert told == {"profiles": [], "found": [], "missing": [ID, OTHER_ID]}
    other.created({"customer_id": ID})
    assert other.get(path).json == [{"customer_id": ID}]


def test_no_value_finds_what_another_tenant_has(app: Flask) -> None:
    api, other = client_of(app), client_of(app)
    filled(api)
    other.created({"customer_id": ID, "PhoneNumber": "2"})
    for query in ("PhoneNumber=1", "Phone.PhoneNumber=1", "id_key=phone&PhoneNumber=1"):
        assert len(api.get(f"/profiles?{query}&include_profile=yes&extensions=*").json or ()) == 2
        for each in (other, client_of(app)):
            found = each.get(f"/profiles?{query}&include_profile=yes&extensions=*")
            assert found.json == []
            explained: Any = each.get(f"/profiles?{query}", Prefer="explain").json
            assert (explained["outcome"], explained["profiles"]) == ("none", [])


def test_a_unique_value_of_one_tenant_is_free_for_the_others(
    api_with: ApiWith, folder: Path
) -> None:
    path = folder / "unique.yaml"
    path.write_text(DEFINITION)
    for number in range(2):
        api = api_with(definition=path)
        api.created({**HULK, "customer_id": f"hulk{number}"})
        found = api.get("/profiles?Login=hulk&id_key=login")
        assert found.json == [{"customer_id": f"hulk{number}"}]
        api.post({**HULK, "customer_id": "another"}, expect=409)


def test_an_idempotency_key_of_one_tenant_is_a_new_one_for_the_others(app: Flask) -> None:
    """Also where the body is another one: in one tenant that is refused."""
    walked = [call for call in calls(app) if call in set(taking("Idempotency-Key"))]
    assert {("POST", "/profiles"), ("PUT", ONE), ("PATCH", ONE), ("DELETE", ONE)} < set(walked)
    for key, (method, path) in enumerate(walked):
        tenants, tags = (client_of(app), client_of(app)), []
        for spaces, each in enumerate(tenants):
            for customer_id in (ID, OTHER_ID):
                phones = [{"PhoneNumber": "1"}]
                each.created({"customer_id": customer_id, "Phone": phones})
            named = of(each, Idempotency_Key=f"key-{key}")
            answer = send(app, method, path, a_body(path) + b" " * spaces, **named)
            assert answer.status_code < 300, (method, path, answer.text)
            changed = (answer.headers.get("Location") or ONE).partition("?")[0]
            gone = (method, path) == ("DELETE", ONE)
            tags.append(each.get(changed, expect=404 if gone else 200).headers.get("ETag"))
            assert gone or answer.headers["ETag"] == tags[-1]
        assert len(set(tags)) == (1 if gone else 2)


def of(api: ApiClient, **headers: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"X-Genesys-TenantId": str(api.tenant), **named}

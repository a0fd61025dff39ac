"""The page at ``/docs`` in a real browser, on a real service."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app import stores
from app.settings import EmbeddedStore
from examples.documented_example import CUSTOMER_ID
from tests.support.browser import Watched, chromium
from tests.support.server import Service, serving

BASE_PATHS = ["", "/genesys/1/cs"]
UPDATE = "#operations-profiles-updateProfile"
IDENTIFY = "#operations-profiles-identifyProfiles"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module", params=BASE_PATHS)
def base(request: pytest.FixtureRequest) -> str:
    path: str = request.param
    return path


@pytest.fixture(scope="module")
def service(base: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("docs")
    address = EmbeddedStore(folder / "profiles.db")
    stores.migrate(address)
    with serving(address, folder, PROFILES_WORKERS="1", PROFILES_BASE_PATH=base) as running:
        yield running


@pytest.fixture
def watched(browser: Browser, service: Service) -> Iterator[Watched]:
    """A page that must have nothing to complain of when the test is done with it."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    watched = Watched(page, service.bind)
    yield watched
    page.close()
    assert watched.wrong == []


@pytest.fixture
def docs(service: Service, base: str) -> str:
    return f"http://{service.bind}{base}/docs"


def shown(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator(UPDATE)).to_be_visible()
    return page


def opened(page: Page, operation: str) -> None:
    page.click(f"{operation} .opblock-summary")
    page.click(f"{operation} .try-out__btn")


def test_it_shows_every_operation_and_talks_to_nobody_else(
    watched: Watched, docs: str, service: Service, base: str
) -> None:
    page = shown(watched.page, docs)
    paths = service.send("GET", f"{base}/openapi.json").json["paths"]
    expect(page.locator(".opblock")).to_have_count(sum(map(len, paths.values())))
    expect(page.locator("#message")).to_be_hidden()
    expect(page.locator("#credentials")).to_be_hidden()


def test_the_documented_example_is_tried_from_the_page(
    watched: Watched, docs: str, service: Service, base: str
) -> None:
    service.send("DELETE", f"{base}/profiles/{CUSTOMER_ID}")
    page = shown(watched.page, docs)
    opened(page, UPDATE)
    field = f"{UPDATE} tr[data-param-name='If-None-Match'] input"
    page.fill(field, "*")
    page.click(f"{UPDATE} .execute")
    status = page.locator(f"{UPDATE} .live-responses-table tbody .response-col_status").first
    expect(status).to_have_text("201")
    page.fill(field, "")
    page.click(f"{UPDATE} .execute")
    expect(status).to_have_text("200")
    stored = service.send("GET", f"{base}/profiles/{CUSTOMER_ID}?extensions=Address").json
    assert (stored["FirstName"], stored["Address"]["City"]) == ("Bruce", "Hollywood")
    assert stored.keys() > {"LastName", "DOB", "EmailAddress"}


def test_what_was_written_is_found_by_a_value(
    watched: Watched, docs: str, service: Service, base: str
) -> None:
    service.send("PUT", f"{base}/profiles/found", {"LastName": "Talbot"}, If_None_Match="*")
    page = shown(watched.page, docs)
    opened(page, IDENTIFY)
    row = f"{IDENTIFY} tr[data-param-name='LastName']"
    page.click(f"{row} .json-schema-form-item-add")
    page.fill(f"{row} input", "Talbot")
    page.click(f"{IDENTIFY} .execute")
    answer = page.locator(f"{IDENTIFY} .live-responses-table .highlight-code").first
    expect(answer).to_contain_text('"found"')


def test_the_tenant_is_chosen_in_the_address_or_on_the_page(
    watched: Watched, docs: str, service: Service, base: str
) -> None:
    note = {"name": "NoteOfSeven", "type": "classifier"}
    service.send(
        "POST", f"{base}/metadata/profiles/extensions", note, **{"X-Genesys-TenantId": "7"}
    )
    page = shown(watched.page, f"{docs}?tenant=7")
    about = page.locator(".info .description").first
    expect(about).to_contain_text("tenant 7")
    assert page.locator("[name=tenant]").input_value() == "7"
    page.fill("[name=tenant]", "8")
    page.click("text=Show")
    expect(about).to_contain_text("tenant 8")
    assert page.url.endswith("?tenant=8")


CREDENTIALS = [
    ("api_key", "", ("x-api-key", "s3cret")),
    ("basic", "bruce", ("authorization", "Basic YnJ1Y2U6czNjcmV0")),
    ("jwt", "", ("authorization", "Bearer s3cret")),
]


@pytest.mark.parametrize(("scheme", "user", "header"), CREDENTIALS, ids=str)
def test_credentials_are_asked_for_and_used_from_then_on(
    browser: Browser,
    docs: str,
    scheme: str,
    user: str,
    header: tuple[str, str],
) -> None:
    page = browser.new_page()
    sent: list[str | None] = []

    def guard(route: Route) -> None:
        """As a service that knows one principal, where this one asks nobody who they are."""
        value = route.request.headers.get(header[0])
        sent.append(value)
        if value != header[1]:
            route.fulfill(status=401, body="{}")
            return
        answer = route.fetch()
        secured = json.loads(answer.text()) | {"security": [{scheme: []}]}
        secured["components"]["securitySchemes"] = SCHEMES
        route.fulfill(response=answer, body=json.dumps(secured))

    page.route("**/openapi.json", guard)
    page.goto(docs)
    expect(page.locator("#credentials")).to_be_visible()
    page.select_option("[name=scheme]", scheme)
    if user:
        page.fill("[name=user]", user)
    page.fill("[name=secret]", "wrong")
    page.click("#credentials button")
    expect(page.locator("#message")).to_have_text("That was not accepted.")
    page.fill("[name=secret]", "s3cret")
    page.click("#credentials button")
    expect(page.locator(UPDATE)).to_be_visible()
    expect(page.locator("#credentials")).to_be_hidden()
    assert (sent[0], sent[-1]) == (None, header[1])
    with page.expect_request("**/health/live") as asked:
        opened(page, "#operations-health-checkAlive")
        page.click("#operations-health-checkAlive .execute")
    assert header[0] not in asked.value.headers
    with page.expect_request("**/server/status") as asked:
        opened(page, "#operations-server-readStatus")
        page.click("#operations-server-readStatus .execute")
    assert asked.value.all_headers()[header[0]] == header[1]
    page.close()


SCHEMES = {
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "basic": {"type": "http", "scheme": "basic"},
    "jwt": {"type": "http", "scheme": "bearer"},
}


def test_a_service_that_cannot_answer_is_told_on_the_page(browser: Browser, docs: str) -> None:
    page = browser.new_page()
    problem = json.dumps({"detail": "The store cannot be asked now."})
    page.route("**/openapi.json", lambda route: route.fulfill(status=503, body=problem))
    page.goto(docs)
    told = "The document cannot be shown. The store cannot be asked now."
    expect(page.locator("#message")).to_have_text(told)
    page.close()


def test_on_a_narrow_screen_nothing_is_cut_off(
    watched: Watched, docs: str, tmp_path: Path
) -> None:
    watched.page.set_viewport_size({"width": 390, "height": 800})
    page = shown(watched.page, docs)
    page.screenshot(path=tmp_path / "narrow.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

"""A page of another origin, in a real browser, reads a profile, changes it and puts it back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from app import stores
from app.settings import EmbeddedStore
from tests.support.browser import chromium
from tests.support.server import serving

CYCLE = """
async (service) => {
  const path = `${service}/profiles/bruce`;
  const json = {'Content-Type': 'application/json'};
  const made = await fetch(path, {method: 'PUT', body: '{"FirstName": "Bruce"}',
    headers: {...json, 'If-None-Match': '*', 'X-Genesys-TenantId': '7'}});
  const found = await fetch(path, {headers: {'X-Genesys-TenantId': '7'}});
  const profile = await found.json();
  const tag = found.headers.get('ETag');
  const put = (version) => fetch(path, {method: 'PUT', headers: {...json, 'If-Match': version,
    'X-Genesys-TenantId': '7'}, body: JSON.stringify({...profile, FirstName: 'Robert'})});
  const changed = await put(tag);
  const stale = await put(tag);
  const refusal = await stale.json();
  return [made.status, made.headers.get('Location'), profile.FirstName, changed.status,
    changed.headers.get('ETag') !== tag, stale.status, refusal.code];
}
"""


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>desk</title>")

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def desk() -> Iterator[str]:
    """The origin of a page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("is_named", [True, False])
def test_a_page_of_another_origin_reads_changes_and_puts_back(
    browser: Browser, folder: Path, is_named: bool
) -> None:
    address = EmbeddedStore(folder / "profiles.db")
    stores.migrate(address)
    with desk() as origin:
        named = origin if is_named else "https://another.example"
        with serving(address, folder, PROFILES_CORS_ORIGINS=named) as service:
            page = browser.new_page()
            page.goto(origin)
            if not is_named:
                with pytest.raises(Exception, match="Failed to fetch"):
                    page.evaluate(CYCLE, f"http://{service.bind}")
                return
            found = page.evaluate(CYCLE, f"http://{service.bind}")
    assert found == [
        201,
        "/profiles/bruce",
        "Bruce",
        200,
        True,
        412,
        "precondition_failed",
    ]

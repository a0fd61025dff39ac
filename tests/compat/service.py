"""The service in this process, as the exchanges use it."""

import time
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from app.dao.base import Dao
from app.factory import create_app
from app.parts import JOBS
from app.services.server import Mode, ServerMode
from app.settings import Settings
from tests.compat.answer import JSON, compare
from tests.compat.exchange import Exchange
from tests.compat.matching import Difference, Names
from tests.support.creators import a_tenant

FOLDER = Path(__file__).parent
PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.1


class Service:
    """The application on one store, and what the exchanges have named so far."""

    def __init__(self, settings: Settings, dao: Dao) -> None:
        self._settings = settings
        self._dao = dao
        self._app = create_app(settings, dao)
        tenants = {"tenant": str(a_tenant()), "other": str(a_tenant())}
        self._names = Names(**tenants, fresh=token_hex(8))

    def run(self, exchange: Exchange) -> None:
        """:raises Difference: the answer is not the one that is written."""
        if exchange.settings:
            self._set(exchange.settings)
        if "jobs" in exchange.directives:
            self._app.extensions[JOBS].start()
        deadline = time.monotonic() + PATIENCE_SECONDS * ("wait" in exchange.directives)
        while True:
            try:
                self._names = compare(exchange, self._send(exchange), self._names)
            except Difference:
                if time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE_SECONDS)
            else:
                return

    def close(self) -> None:
        """Stop the jobs, and leave the store in production, whatever the exchanges did."""
        self._app.extensions[JOBS].stop()
        ServerMode(self._dao).set(Mode.PRODUCTION)

    def _set(self, written: dict[str, str]) -> None:
        changes = {
            name: _value(getattr(self._settings, name), text) for name, text in written.items()
        }
        self._settings = replace(self._settings, **changes)
        self._app.extensions[JOBS].stop()
        self._app = create_app(self._settings, self._dao)

    def _send(self, exchange: Exchange) -> TestResponse:
        request = exchange.request
        method, path = self._names.fill(request.first).split(" ")
        encoding = "latin-1" if "latin-1" in exchange.directives else "utf-8"
        body = None if request.body is None else self._names.fill(request.body).encode(encoding)
        return self._app.test_client().open(
            path, method=method, data=body, headers=self._headers(exchange)
        )

    def _headers(self, exchange: Exchange) -> Headers:
        headers = Headers({"X-Genesys-TenantId": self._names.fill("${tenant}")})
        if exchange.request.body is not None:
            headers["Content-Type"] = JSON
        for name in dict(exchange.request.headers):
            headers.remove(name)
        for name, text in exchange.request.headers:
            if text:
                headers.add(name, self._names.fill(text).encode().decode("latin-1"))
        return headers


def _value(current: Any, text: str) -> Any:
    """``text`` in the type of the setting that it changes; a path is one in this folder."""
    if isinstance(current, tuple):
        return tuple(text.split(","))
    return FOLDER / text if isinstance(current, Path) else type(current)(text)

"""The service as one tenant has it, whichever valid one a request names."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import uuid4

from app.limits import MAX_IDEMPOTENCY_KEY, tenant_number
from app.services.server import Mode
from tests.support.client import ApiClient

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TENANT, KEY = "HTTP_X_GENESYS_TENANTID", "HTTP_IDEMPOTENCY_KEY"


class OneTenant:
    """A WSGI application in front of the service.

    What a tenant has is seen by its later requests, and by no other test. The server mode is of
    all tenants and tests: maintenance ends with the request that asks for it. And each request
    with an idempotency key has one of its own, or just the first of all would be looked at.
    """

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if tenant_number(environ.get(TENANT, "1")) is not None:
            environ[TENANT] = str(self._api.tenant)
        if re.fullmatch(rf"[!-~]{{1,{MAX_IDEMPOTENCY_KEY}}}", environ.get(KEY, "")):
            environ[KEY] = uuid4().hex
        answer = self._api.client.application(environ, start_response)
        if environ["PATH_INFO"] == "/server/mode":
            self._api.send("POST", "/server/mode", {"mode": Mode.PRODUCTION}, expect=200)
        return answer

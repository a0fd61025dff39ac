"""A client that asserts the status, so that a test body shows what it is about."""

import json
from typing import Any

from werkzeug.test import Client, TestResponse


class ApiClient:
    """Requests of one tenant to an application in this process."""

    def __init__(self, client: Client, tenant: int) -> None:
        self.client = client
        self.tenant = tenant

    def send(
        self, method: str, path: str, body: Any = None, *, expect: int, **headers: str
    ) -> TestResponse:
        """``body``: a value to send as JSON, or bytes to send as they are.

        ``headers``: If_Match="..." is sent as If-Match.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("X-Genesys-TenantId", str(self.tenant))
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if data is not None:
            named.setdefault("Content-Type", "application/json")
        response = self.client.open(path, method=method, data=data, headers=named)
        assert response.status_code == expect, response.get_data(as_text=True)
        if expect >= 400 and method != "HEAD":
            assert response.content_type == "application/problem+json"
            assert response.json is not None
            assert response.json["status"] == expect
            assert response.headers["Cache-Control"] == "no-store"
        return response

    def get(self, path: str, *, expect: int = 200, **headers: str) -> TestResponse:
        return self.send("GET", path, expect=expect, **headers)

    def put(self, path: str, body: Any, *, expect: int = 200, **headers: str) -> TestResponse:
        return self.send("PUT", path, body, expect=expect, **headers)

    def post(self, body: Any, *, expect: int = 201, **headers: str) -> TestResponse:
        return self.send("POST", "/profiles", body, expect=expect, **headers)

    def delete(self, path: str, *, expect: int = 200, **headers: str) -> TestResponse:
        return self.send("DELETE", path, expect=expect, **headers)

    def created(self, body: Any) -> str:
        """The path of a new profile."""
        return self.post(body).headers["Location"]

    def profile(self, path: str) -> dict[str, Any]:
        """The whole profile without its id."""
        found: dict[str, Any] = json.loads(self.get(f"{path}?extensions=*").data)
        assert found.pop("customer_id") == path.rpartition("/")[2]
        return found

    def faults(self, response: TestResponse) -> dict[str, str]:
        """The messages of a problem by pointer, parameter or header."""
        assert response.json is not None
        told = [dict(error) for error in response.json["errors"]]
        return {error.popitem()[1]: message for error in told if (message := error.pop("message"))}

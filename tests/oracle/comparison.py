"""Sends what the model is asked too, and holds the answer against the model's."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.test import Client, TestResponse

from tests.oracle.answers import Answer
from tests.oracle.finding import Question

PATCH_TYPES = {
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
}
NEXT = '>; rel="next"'


@dataclass(slots=True)
class Service:
    """The service under test, and what was tried on it.

    ``busy``: of 20 examples how many may start background jobs, which take their time.
    """

    client: Client
    busy: int
    steps: int = 0
    seen: Counter[str] = field(default_factory=Counter)

    def send(
        self, tenant: int, method: str, path: str, body: Any = None, **headers: str
    ) -> TestResponse:
        """``body``: a JSON value, None for none. ``headers``: If_Match is sent as If-Match."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["X-Genesys-TenantId"] = str(tenant)
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            named.setdefault("Content-Type", "application/json")
        return self.client.open(path, method=method, data=data, headers=named)

    def pages(self, tenant: int, path: str) -> Iterator[TestResponse]:
        """The answer at ``path`` and those that its links lead to."""
        link: str | None = path
        while link is not None:
            response = self.send(tenant, "GET", link)
            yield response
            link = next_page(response)


def next_page(response: TestResponse) -> str | None:
    """The target of the link to the next page."""
    link = response.headers.get("Link", "")
    return link.removeprefix("<").removesuffix(NEXT) if link.endswith(NEXT) else None


def profile_path(customer_id: str, *rest: str, **parameters: Any) -> str:
    path = "/".join(["/profiles", quote(customer_id), *rest])
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def identify_path(question: Question, limit: int | None = None) -> str:
    pairs = list(question.given)
    for name, value in (
        ("id_key", question.key),
        ("extensions", question.extensions),
        ("include_profile", "Yes" if question.include_profile else None),
        ("include_extensions", "unique" if question.only_unique else None),
        ("limit", limit),
    ):
        pairs += [] if value is None else [(name, str(value))]
    return f"/profiles?{urlencode(pairs)}"


def value_of(response: TestResponse) -> Any:
    return json.loads(response.data)


def number_of(tag: str) -> int:
    """The version number in an entity tag."""
    assert tag.startswith('"'), tag
    return int(tag.strip('"').partition("-")[0])


def parts_of(tag: str) -> tuple[str, str]:
    """What stands for the version in an entity tag, and what for the definition."""
    version, _, mark = tag.strip('"').rpartition("-")
    return version, mark


def text(value: Any) -> str:
    """The same for the same JSON value only: 1, 1.0, "1" and true are four."""
    return json.dumps(value, sort_keys=True, indent=1)


def check(response: TestResponse, expected: Answer) -> None:
    """Everything but the entity tag, which only one who keeps them all can judge."""
    told = response.get_data(as_text=True)
    assert response.status_code == expected.status, f"{expected} but {response.status} {told}"
    if expected.code is not None:
        _check_problem(response, expected)
    elif expected.body is None:
        assert told == ""
    else:
        assert response.content_type == "application/json"
        assert text(value_of(response)) == text(expected.body)
    if expected.place is not None:
        _check_place(response, expected)
    if expected.version is not None:
        assert number_of(response.headers["ETag"]) == expected.version


def _check_problem(response: TestResponse, expected: Answer) -> None:
    problem = value_of(response)
    assert problem["code"] == expected.code, f"{expected} but {problem}"
    assert problem["status"] == expected.status
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    if expected.pointers is not None:
        pointers = {error["pointer"] for error in problem["errors"]}
        assert pointers == expected.pointers, f"{sorted(expected.pointers)} but {problem}"
    for name, value in expected.told.items():
        assert problem.get(name) == value, f"{expected} but {problem}"


def _check_place(response: TestResponse, expected: Answer) -> None:
    header = "Location" if expected.status == 201 else "Content-Location"
    path = response.headers[header].split("?")[0]
    assert path.split("/")[2] == quote(expected.place or ""), f"{expected} but {path}"

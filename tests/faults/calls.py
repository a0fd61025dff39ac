"""Changes of a profile over HTTP, and what the history says of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.dao.base import Dao
from app.dao.values import ProfileKey
from tests.api.conftest import tag_of
from tests.support.client import ApiClient

BRUCE = "/profiles/bruce"
NOW = {"FirstName": "Bruce", "Mail": ["bruce@x.com"], "Login": "bruce"}
MERGE_PATCH = {"Content_Type": "application/merge-patch+json"}


@dataclass(frozen=True)
class Call:
    """A change of the profile of Bruce, or a new one; ``tagged``: only of the current version.

    ``versions`` are those that there are of the profile after it.
    """

    method: str
    path: str
    body: Any = None
    expect: int = 200
    tagged: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    customer_id: str = "bruce"
    versions: tuple[int, ...] = (2, 1)

    def send(self, api: ApiClient, expect: int | None = None, **headers: str) -> Any:
        named = self.headers | headers
        if self.tagged and "If_Match" not in named and "Idempotency_Key" not in named:
            named["If_Match"] = tag_of(api, BRUCE)
        return api.send(self.method, self.path, self.body, expect=expect or self.expect, **named)


PUT = Call("PUT", BRUCE, NOW | {"LastName": "Banner"})
PUT_BY_TAG = Call("PUT", BRUCE, NOW | {"LastName": "Banner"}, tagged=True)
POST = Call(
    "POST",
    "/profiles",
    {"customer_id": "new", "Login": "new"},
    201,
    customer_id="new",
    versions=(1,),
)
CALLS = {
    "put": PUT,
    "put by tag": PUT_BY_TAG,
    "put of other values by tag": Call("PUT", BRUCE, NOW | {"Mail": "hulk@x.com"}, tagged=True),
    "put of another unique value": Call("PUT", BRUCE, NOW | {"Login": "hulk"}),
    "patch": Call("PATCH", BRUCE, {"LastName": "Banner"}, headers=MERGE_PATCH),
    "delete": Call("DELETE", BRUCE),
    "post": POST,
    "insert": Call("POST", f"{BRUCE}/extensions", {"Contract": {"Number": "1"}}),
}


def every(calls: dict[str, Call]) -> pytest.MarkDecorator:
    """A test for each of ``calls``."""
    return pytest.mark.parametrize("call", calls.values(), ids=calls)


def versions(dao: Dao, api: ApiClient, customer_id: str = "bruce") -> tuple[int, ...]:
    """The numbers in the history, newest first."""
    past = dao.past(ProfileKey(api.tenant, customer_id), 2**62, 100)
    return tuple(row.version.number for row in past)


def operations(api: ApiClient, path: str) -> list[str]:
    """What the history tells was done, newest first."""
    told: Iterable[dict[str, str]] = api.get(f"{path}/history").json or ()
    return [each["operation"] for each in told]

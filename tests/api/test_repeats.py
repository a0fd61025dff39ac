"""``Idempotency-Key``: a repeated write is done once, and answered as it was the first time."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api.conftest import ApiWith, Protected, client_of, number_of, tag_of, unchanged
from tests.api.routes import calls
from tests.support.access import basic, credentials
from tests.support.client import ApiClient

ONE, OTHER = "/profiles/bruce", "/profiles/betty"
WHOLE = {"Prefer": "return=representation"}
PROFILE = {
    "LastName": "Banner",
    "EmailAddress": ["hulk@marvelous.com"],
    "Address": {"City": "Hollywood"},
    "Phone": [{"PhoneNumber": "1", "description": "home"}],
}
TOLD = ("Location", "ETag", "Preference-Applied", "Content-Type", "Vary")
ATTEMPTS = 8

_KEYS = count(1)


@dataclass(frozen=True, slots=True)
class Write:
    """A request that can be repeated, and what its route is called."""

    method: str
    path: str
    body: Any
    status: int
    media_type: str = "application/json"
    if_none_match: str | None = None

    def send(self, api: ApiClient, key: str, **headers: str) -> TestResponse:
        """The answer, asserted to be a success."""
        return self.answered(api, key, self.status, **headers)

    def answered(self, api: ApiClient, key: str, status: int, **headers: str) -> TestResponse:
        """The answer, asserted to have ``status``."""
        headers |= {"Idempotency-Key": key, "Content-Type": self.media_type}
        if self.if_none_match:
            headers["If-None-Match"] = self.if_none_match
        return api.send(self.method, self.path, self.body, expect=status, **headers)


WRITES = {
    "create": Write("POST", "/profiles", {"LastName": "Ross"}, 201),
    "create with an id": Write("POST", "/profiles", {"customer_id": "x", "LastName": "R"}, 201),
    "create by PUT": Write("PUT", "/profiles/x", {"LastName": "R"}, 201, if_none_match="*"),
    "update": Write("PUT", ONE, {"LastName": "Ross"}, 200),
    "update of all": Write("PUT", ONE, {"LastName": "Ross", "Vip": {}}, 200),
    "patch": Write("PATCH", ONE, {"LastName": "R"}, 200, "application/merge-patch+json"),
    "delete": Write("DELETE", ONE, None, 200),
    "merge": Write("PUT", f"{ONE}/merge/betty", {"reason": "same"}, 204),
    "insert records": Write("POST", f"{ONE}/extensions", {"Phone": {"PhoneNumber": "2"}}, 200),
    "replace records": Write("PUT", f"{ONE}/extensions/Phone", [], 200),
    "remove records": Write("DELETE", f"{ONE}/extensions/Address", None, 204),
    "update record": Write(
        "PUT",
        f"{ONE}/extensions/Phone/by/unique",
        {"PhoneNumber": "1", "description": "work"},
        204,
    ),
    "delete record": Write(
        "PUT", f"{ONE}/extensions/Phone/delete/by/unique", {"PhoneNumber": "1"}, 204
    ),
}


@pytest.fixture(params=WRITES)
def write(request: pytest.FixtureRequest) -> Write:
    return WRITES[request.param]


@pytest.fixture
def filled(api: ApiClient) -> ApiClient:
    return fill(api)


def fill(api: ApiClient) -> ApiClient:
    api.post({"customer_id": "bruce", **PROFILE})
    api.post({"customer_id": "betty", "LastName": "Ross", "EmailAddress": ["betty@ross.com"]})
    return api


def a_name() -> str:
    return f"key-{next(_KEYS)}"


def told(answer: TestResponse) -> tuple[Any, ...]:
    """All of an answer but what belongs to the moment."""
    return answer.status_code, answer.data, [answer.headers.get(name) for name in TOLD]


def versions(api: ApiClient, path: str) -> list[tuple[int, str]]:
    answer: Any = api.get(f"{path}/history").json
    return [(each["version"], each["etag"]) for each in answer]


def test_every_write_of_profiles_is_tried_here(app: Flask) -> None:
    tried = {(each.method, each.path.replace("/x", "/bruce")) for each in WRITES.values()}
    there = {
        (method, path.replace("Phone", "Address") if method == "DELETE" else path)
        for method, path in calls(app)
        if path.startswith("/profiles") and method not in {"GET", "HEAD", "OPTIONS"}
    }
    assert tried == {each for each in there if each != ("POST", "/profiles/")}


@pytest.mark.parametrize("headers", [{}, WHOLE], ids=["", "whole"])
def test_a_repeat_is_answered_as_the_first_and_not_done_again(
    filled: ApiClient, write: Write, headers: dict[str, str]
) -> None:
    key = a_name()
    first = write.send(filled, key, **headers)
    place = first.headers.get("Location") or ONE
    before = None if write.method == "DELETE" and write.path == ONE else versions(filled, place)
    again = write.send(filled, key, **headers)
    assert told(again) == told(first)
    replayed = [each.headers.get("Idempotency-Replayed") for each in (first, again)]
    assert replayed == [None, "true"]
    elsewhere = [each.headers.get("Content-Location") for each in (first, again)]
    assert elsewhere[1] == (None if headers else elsewhere[0])
    if before:
        assert versions(filled, place) == before


@pytest.mark.parametrize("headers", [{}, WHOLE], ids=["", "whole"])
def test_it_is_also_when_others_have_written_since(
    filled: ApiClient, write: Write, headers: dict[str, str]
) -> None:
    key = a_name()
    first = write.send(filled, key, **headers)
    if write.method == "DELETE" and write.path == ONE:
        filled.post({"customer_id": "bruce", "LastName": "New"})
    place = first.headers.get("Location") or ONE
    filled.put(place, {"LastName": "Later", "Address": {"City": "Later"}})
    with unchanged(filled, place):
        assert told(write.send(filled, key, **headers)) == told(first)


def test_it_is_also_when_the_profile_has_gone_since(filled: ApiClient, write: Write) -> None:
    key = a_name()
    first = write.send(filled, key)
    place = first.headers.get("Location") or ONE
    if not (write.method == "DELETE" and write.path == ONE):
        filled.delete(place)
    assert told(write.send(filled, key)) == told(first)
    filled.get(place, expect=404)


def test_it_is_also_when_the_profile_is_another_one_now(filled: ApiClient) -> None:
    key, update = a_name(), WRITES["update"]
    first = update.send(filled, key)
    filled.send("PUT", f"{OTHER}/merge/bruce", expect=204)
    with unchanged(filled, OTHER):
        assert told(update.send(filled, key)) == told(first)


def test_a_profile_that_is_not_kept_is_only_named(filled: ApiClient) -> None:
    """A preference is none that has to be followed (RFC 7240, section 2)."""
    key, update = a_name(), WRITES["update"]
    first = update.send(filled, key, **WHOLE)
    filled.delete(ONE)
    again = update.send(filled, key, **WHOLE)
    assert again.json == {"customer_id": "bruce"}
    assert "Preference-Applied" not in again.headers
    assert again.headers["ETag"] == first.headers["ETag"]


def test_it_is_also_when_the_body_would_be_refused_now(filled: ApiClient) -> None:
    key, body = a_name(), {"LastName": "Ross", "Middle": "B"}
    core: Any = filled.get("/metadata/profiles").json
    filled.put("/metadata/profiles", [*core, {"name": "Middle", "type": "string"}])
    update = Write("PUT", ONE, body, 200)
    first = update.send(filled, key)
    filled.put("/metadata/profiles?force=true", core)
    update.answered(filled, a_name(), 400)
    again = update.send(filled, key)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert number_of(again.headers["ETag"]) == number_of(first.headers["ETag"]) == 2
    assert again.headers["ETag"] == tag_of(filled, ONE) != first.headers["ETag"]


def test_the_precondition_of_the_first_counts(filled: ApiClient) -> None:
    tag, key, update = filled.get(ONE).headers["ETag"], a_name(), WRITES["update"]
    first = update.send(filled, key, **{"If-Match": tag})
    assert told(update.send(filled, key, **{"If-Match": tag})) == told(first)
    again = update.send(filled, key, **{"If-Match": first.headers["ETag"]})
    assert told(again) == told(first)
    update.answered(filled, a_name(), 412, **{"If-Match": tag})


@pytest.mark.parametrize(
    "other",
    [
        {"body": {"LastName": "Other"}},
        {"body": b'{"LastName":  "Ross"}'},
        {"method": "PATCH", "media_type": "application/merge-patch+json"},
        {"path": f"{ONE}/extensions", "method": "POST"},
    ],
    ids=str,
)
def test_a_key_is_for_one_request(filled: ApiClient, other: dict[str, Any]) -> None:
    key = a_name()
    WRITES["update"].send(filled, key)
    wanted = {"method": "PUT", "path": ONE, "body": {"LastName": "Ross"}} | other
    with unchanged(filled, ONE):
        answer: Any = Write(**wanted, status=422).send(filled, key).json
    assert answer["code"] == "idempotency_key_reused"


def test_a_key_of_another_profile_is_another_key(filled: ApiClient) -> None:
    key = a_name()
    for path in (ONE, OTHER):
        answer = Write("PUT", path, {"LastName": "Ross"}, 200).send(filled, key)
        assert answer.headers["Content-Location"] == path


def test_a_refused_request_leaves_no_receipt(filled: ApiClient) -> None:
    key = a_name()
    update = Write("PUT", "/profiles/later", {"LastName": "Ross"}, 200)
    update.answered(filled, key, 404)
    filled.post({"customer_id": "later"})
    first = update.send(filled, key)
    assert told(update.send(filled, key)) == told(first)


def test_a_create_without_an_id_makes_one_profile(filled: ApiClient) -> None:
    key, create = a_name(), WRITES["create"]
    places = {create.send(filled, key).headers["Location"] for _ in range(3)}
    others = {create.send(filled, a_name()).headers["Location"] for _ in range(3)}
    assert (len(places), len(others | places)) == (1, 4)
    Write("POST", "/profiles", {"LastName": "Other"}, 422).send(filled, key)


@pytest.mark.parametrize("quoted", ['"k 1"', '"a\\\\b\\"c"', '"' + "x" * 255 + '"'])
def test_a_key_may_be_a_string_of_structured_fields(filled: ApiClient, quoted: str) -> None:
    first = WRITES["update"].send(filled, quoted)
    assert first.status_code == 200
    assert told(WRITES["update"].send(filled, quoted)) == told(first)


def test_a_key_in_quotes_is_the_key_itself(filled: ApiClient) -> None:
    key = a_name()
    first = WRITES["update"].send(filled, f'"{key}"')
    assert told(WRITES["update"].send(filled, key)) == told(first)


@pytest.mark.parametrize(
    "key", ["", "ä", "a b", "x" * 256, "\t", '""', '"a', '"a\\b"', '"a";b', '"' + "x" * 256 + '"']
)
def test_what_can_be_no_key_is_refused(filled: ApiClient, key: str) -> None:
    with unchanged(filled, ONE):
        refused = WRITES["update"].answered(filled, key, 400)
    assert list(filled.faults(refused)) == ["Idempotency-Key"]


def test_reads_need_no_key(filled: ApiClient) -> None:
    assert filled.get(ONE, Idempotency_Key="").json == {
        "customer_id": "bruce",
        "LastName": "Banner",
        "EmailAddress": ["hulk@marvelous.com"],
    }


def test_without_past_versions_the_current_one_is_answered_whole(api_with: ApiWith) -> None:
    api, key = fill(api_with(history_days=0)), a_name()
    update = WRITES["update of all"]
    first = update.send(api, key, **WHOLE)
    assert told(update.send(api, key, **WHOLE)) == told(first)
    api.put(ONE, {"LastName": "Later"})
    assert update.send(api, key, **WHOLE).json == {"customer_id": "bruce"}


def test_attempts_at_the_same_time_are_one(filled: ApiClient, write: Write) -> None:
    key = a_name()
    with ThreadPoolExecutor(ATTEMPTS) as pool:
        answers = list(pool.map(lambda _: write.send(filled, key), range(ATTEMPTS)))
    assert len({json.dumps(told(each), default=str) for each in answers}) == 1
    place = answers[0].headers.get("Location")
    if place:
        assert len(versions(filled, place)) == 1
    elif not (write.method == "DELETE" and write.path == ONE):
        assert [number for number, _ in versions(filled, ONE)] == [2, 1]


def test_callers_have_keys_of_their_own(protected: Protected) -> None:
    app = protected()
    api, key, create = client_of(app), a_name(), WRITES["create"]
    known = credentials()
    places = {
        method: create.send(api, key, **headers).headers["Location"]
        for method, headers in known.items()
    }
    assert len(set(places.values())) == len(known)
    for method, headers in known.items():
        assert create.send(api, key, **headers).headers["Location"] == places[method]
    create.answered(api, key, 401, Authorization=basic("anna", "wrong"))

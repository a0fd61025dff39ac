"""Definitions of a tenant: read, changed while profiles are stored, and held against them."""

from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import client_of
from tests.support.client import ApiClient
from tests.support.server import wait_until

ATTRIBUTES = "/metadata/profiles"
EXTENSIONS = "/metadata/profiles/extensions"
KEYS = "/metadata/identification-keys"
LOYALTY = {
    "name": "Loyalty",
    "type": "multi-valued",
    "unique": ["Card"],
    "attributes": [{"name": "Card", "type": "string"}, {"name": "Points", "type": "integer"}],
}


def attributes(api: ApiClient) -> list[dict[str, Any]]:
    listed: Any = api.get(ATTRIBUTES).json
    return list(listed)


def changed(api: ApiClient, name: str, **members: Any) -> list[dict[str, Any]]:
    """The core attributes with some members of one of them changed."""
    return [each | members if each["name"] == name else each for each in attributes(api)]


def without(api: ApiClient, name: str) -> list[dict[str, Any]]:
    return [each for each in attributes(api) if each["name"] != name]


def job_of(link: str) -> str:
    path, _, relation = link.partition("; ")
    assert relation == 'rel="monitor"'
    return path.strip("<>")


def finished(api: ApiClient, job: str) -> dict[str, Any]:
    def told() -> dict[str, Any]:
        found: Any = api.get(job).json
        return dict(found)

    wait_until(lambda: told()["state"] in {"done", "failed"})
    return told()


def test_a_tenant_starts_with_the_default_definition(api: ApiClient) -> None:
    names = [each["name"] for each in attributes(api)]
    assert names[:3] == ["FirstName", "LastName", "DOB"]
    assert api.get(EXTENSIONS + "/address").json == api.get(EXTENSIONS).json[0]  # type: ignore[index]
    assert api.get(KEYS + "/EXT_PHONE").json == {
        "name": "ext_phone",
        "source": "Phone",
        "attributes": ["ext.PhoneNumber"],
        "unique": False,
    }


def test_what_is_read_can_be_put_back(api: ApiClient) -> None:
    before = api.get(ATTRIBUTES)
    assert api.put(ATTRIBUTES, before.json).data == before.data
    extension = api.get(EXTENSIONS + "/Phone")
    assert api.put(EXTENSIONS + "/Phone", extension.json).data == extension.data


def test_a_new_attribute_is_known_at_once_and_to_this_tenant_only(
    api: ApiClient, app: Flask
) -> None:
    other = client_of(app)
    api.put(ATTRIBUTES, [*attributes(api), {"name": "Nickname", "type": "string"}])
    api.created({"Nickname": "B"})
    other.post({"Nickname": "B"}, expect=400)


def test_the_entity_tag_is_of_the_whole_definition(api: ApiClient) -> None:
    tag = api.get(ATTRIBUTES).headers["ETag"]
    assert api.get(KEYS).headers["ETag"] == tag
    api.get(EXTENSIONS, expect=304, If_None_Match=tag)
    after = api.send("POST", EXTENSIONS, LOYALTY, expect=201, If_Match=tag).headers["ETag"]
    assert after != tag
    assert api.get(KEYS).headers["ETag"] == after


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", ATTRIBUTES, [{"name": "A", "type": "string"}]),
        ("POST", EXTENSIONS, LOYALTY),
        ("PUT", EXTENSIONS + "/Vip", {"name": "Vip", "type": "classifier"}),
        ("DELETE", EXTENSIONS + "/Vip", None),
        ("POST", KEYS, {"name": "k", "attributes": ["DOB"]}),
        ("DELETE", KEYS + "/email", None),
    ],
)
def test_a_change_of_another_revision_is_refused(
    api: ApiClient, method: str, path: str, body: Any
) -> None:
    tag = api.get(ATTRIBUTES).headers["ETag"]
    api.put(ATTRIBUTES, [*attributes(api), {"name": "New", "type": "string"}])
    now = api.get(ATTRIBUTES).headers["ETag"]
    api.send(method, path, body, expect=412, If_Match=tag)
    assert api.get(ATTRIBUTES).headers["ETag"] == now


def test_what_stored_profiles_do_not_fit_is_refused_with_counts_and_no_values(
    api: ApiClient,
) -> None:
    ids = [f"c{number}" for number in range(12)]
    for number in ids:
        api.created({"customer_id": number, "Title": "Doctor " + number})
    api.created({"LastName": "Banner"})
    shorter = changed(api, "Title", length=3)
    refused: Any = api.put(ATTRIBUTES, shorter, expect=409).json
    report = refused["report"]
    assert (refused["code"], report["profiles"], report["invalid"]) == (
        "stored_profiles_conflict",
        13,
        12,
    )
    assert len(report["examples"]) == 10
    assert {each["pointer"] for each in report["examples"]} == {"/Title"}
    assert {each["customer_id"] for each in report["examples"]} <= set(ids)
    assert "Doctor" not in str(refused)
    trial = api.put(ATTRIBUTES + "?dry_run=true", shorter)
    assert trial.json == report
    assert changed(api, "Title") == attributes(api) != shorter
    api.put(ATTRIBUTES + "?force=true", shorter)
    assert attributes(api) == shorter
    assert api.profile("/profiles/c1") == {"Title": "Doctor c1"}


def test_a_trial_of_an_additive_change_reports_that_it_is_one(api: ApiClient) -> None:
    api.created({"LastName": "Banner"})
    more = [*attributes(api), {"name": "Nickname", "type": "string"}]
    trial = api.put(ATTRIBUTES + "?dry_run=true", more)
    assert trial.json == {"narrowing": False, "profiles": 0, "invalid": 0, "examples": []}
    assert attributes(api) == more[:-1]


def test_an_attribute_taken_away_by_force_is_out_of_sight_and_can_be_put_back(
    api: ApiClient,
) -> None:
    before = attributes(api)
    path = api.created({"Title": "Doctor", "LastName": "Banner"})
    api.put(ATTRIBUTES, without(api, "Title"), expect=409)
    api.put(ATTRIBUTES + "?force=true", without(api, "Title"))
    assert api.profile(path) == {"LastName": "Banner"}
    api.put(ATTRIBUTES, before)
    assert api.profile(path) == {"Title": "Doctor", "LastName": "Banner"}


@pytest.mark.parametrize(
    ("method", "at", "sensitive"),
    [
        ("PUT", ATTRIBUTES + "?force=true", None),
        ("PUT", ATTRIBUTES, True),
        ("DELETE", EXTENSIONS + "/Vip", None),
    ],
    ids=["attribute removed", "attribute sensitive", "extension removed"],
)
def test_no_client_goes_on_with_an_answer_of_another_definition(
    api: ApiClient, method: str, at: str, sensitive: bool | None
) -> None:
    path = api.created({"Title": "Dr", "Vip": {}})
    whole = f"{path}?extensions=*"
    tag = api.get(whole).headers["ETag"]
    title = changed(api, "Title", sensitive=True) if sensitive else without(api, "Title")
    status = 204 if method == "DELETE" else 200
    api.send(method, at, None if method == "DELETE" else title, expect=status)
    answer = api.get(whole, If_None_Match=tag)
    assert answer.headers["ETag"] != tag
    api.get(whole, expect=304, If_None_Match=answer.headers["ETag"])
    written = api.put(path, {"LastName": "Banner"}, If_Match=tag)
    api.get(path, expect=304, If_None_Match=written.headers["ETag"])


def test_a_change_of_type_that_loses_information_is_refused_also_by_force(api: ApiClient) -> None:
    number = changed(api, "Title", type="integer")
    for query in ("", "?force=true", "?dry_run=true"):
        refused = api.put(ATTRIBUTES + query, number, expect=409)
        assert refused.json["code"] == "change_refused"  # type: ignore[index]
        assert list(api.faults(refused)) == ["/5/type"]
    api.put(ATTRIBUTES, changed(api, "DOB", type="string"))


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", EXTENSIONS, LOYALTY | {"name": "ADDRESS"}, "name_taken"),
        ("POST", KEYS, {"name": "EMAIL", "attributes": ["DOB"]}, "name_taken"),
        ("DELETE", EXTENSIONS + "/phone", None, "in_use"),
        ("PUT", ATTRIBUTES, [{"name": "DOB", "type": "date"}], "in_use"),
    ],
)
def test_what_is_taken_or_in_use_is_a_conflict(
    api: ApiClient, method: str, path: str, body: Any, code: str
) -> None:
    refused: Any = api.send(method, path, body, expect=409).json
    assert refused["code"] == code


@pytest.mark.parametrize("path", [EXTENSIONS + "/Nope", KEYS + "/Nope"])
def test_what_is_not_defined_is_not_found(api: ApiClient, path: str) -> None:
    for method in ("GET", "DELETE"):
        refused: Any = api.send(method, path, expect=404).json
        assert (refused["code"], refused["name"]) == ("not_defined", "Nope")


def test_a_malformed_definition_is_refused_with_every_fault(api: ApiClient) -> None:
    body = {"name": "1", "type": "many", "attributes": [{"name": "A"}], "colour": "red"}
    refused = api.send("POST", EXTENSIONS, body, expect=400)
    assert refused.json["code"] == "invalid_definition"  # type: ignore[index]
    assert set(api.faults(refused)) == {"/name", "/type", "/attributes/0/type", "/colour"}


def test_without_core_attributes_there_can_be_no_profile(api: ApiClient) -> None:
    for key in ("email", "phone", "name_birth"):
        api.delete(f"{KEYS}/{key}", expect=204)
    api.put(ATTRIBUTES, [])
    refused: Any = api.post({}, expect=403).json
    assert refused["code"] == "no_definition"


def test_a_key_over_stored_profiles_is_built_and_an_extension_s_records_are_removed(
    working: ApiClient,
) -> None:
    api = working
    first = api.created({"Title": "Doctor", "Vip": {}})
    answer = api.send("POST", KEYS, {"name": "title", "attributes": ["Title"]}, expect=201)
    assert (answer.headers["Location"], answer.json) == (KEYS + "/title", {"name": "title"})
    second = api.created({"Title": "Doctor"})
    gone = api.delete(EXTENSIONS + "/Vip", expect=204)
    assert api.profile(first) == {"Title": "Doctor"}
    built = finished(api, job_of(answer.headers["Link"]))
    assert (built["state"], built["conflicts"]) == ("done", 0)
    found: Any = api.get("/profiles?Title=Doctor").json
    ids = sorted(path.rpartition("/")[2] for path in (first, second))
    assert [each["customer_id"] for each in found] == ids
    removed = finished(api, job_of(gone.headers["Link"]))
    assert (removed["kind"], removed["name"], removed["state"]) == (
        "remove_extension",
        "Vip",
        "done",
    )


def test_a_key_that_is_not_built_yet_is_told_with_its_job(api: ApiClient) -> None:
    answer = api.send("POST", KEYS, {"name": "title", "attributes": ["Title"]}, expect=201)
    for query in ("?Title=Doctor", "?id_key=title&Title=Doctor"):
        refused: Any = api.get("/profiles" + query, expect=503).json
        assert (refused["code"], refused["key"]) == ("key_incomplete", "title")
        assert refused["job"] == api.get(job_of(answer.headers["Link"])).json
        assert (refused["job"]["kind"], refused["job"]["state"]) == ("build_key", "waiting")
    api.get("/profiles?LastName=Banner&Title=Doctor")


def test_another_tenant_s_job_is_not_found(api: ApiClient, app: Flask) -> None:
    answer = api.delete(KEYS + "/email", expect=204)
    job = job_of(answer.headers["Link"])
    api.get(job)
    client_of(app).get(job, expect=404)

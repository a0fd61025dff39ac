"""Sensitive attributes: masked for those who may not see them, and never stored masked."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.access.principal import ANYBODY, Principal
from app.access.privileges import ALL, Privilege
from app.dao.base import Dao
from app.parts import JOBS
from app.settings import Settings
from schemas.attribute_type import MASK
from schemas.document import dump
from tests.api.conftest import tag_of, unchanged
from tests.api.routes import ID, OTHER_ID
from tests.api.secrets import LIMITED, MASKED, OTHER, PROFILE, filled, service, told_secrets
from tests.contract.steps import until
from tests.support.client import ApiClient
from tests.support.creators import a_tenant

P = Privilege
Callers = Callable[[frozenset[Privilege]], ApiClient]
PATH = f"/profiles/{ID}"
JSON_PATCH = {"Content_Type": "application/json-patch+json"}
MERGE_PATCH = {"Content_Type": "application/merge-patch+json"}
KEYS = "/metadata/identification-keys"
ATTRIBUTES, PHONE = "/metadata/profiles", "/metadata/profiles/extensions/Phone"


@pytest.fixture
def api(settings: Settings, dao: Dao) -> ApiClient:
    """A client that may see all; the tenant has two profiles."""
    return filled(service(settings, dao, ANYBODY), a_tenant())


@pytest.fixture
def limited(settings: Settings, dao: Dao, api: ApiClient) -> ApiClient:
    """A client of the same tenant that may not see what is sensitive."""
    return ApiClient(service(settings, dao, LIMITED).test_client(), api.tenant)


@pytest.fixture
def caller(settings: Settings, dao: Dao, api: ApiClient) -> Callers:
    """Makes clients of the same tenant that may do what is given."""

    def make(privileges: frozenset[Privilege]) -> ApiClient:
        app = service(settings, dao, Principal("some", privileges))
        return ApiClient(app.test_client(), api.tenant)

    return make


def lacking(refused: Any) -> bool:
    """Whether it was refused for want of the privilege, and of nothing else."""
    told = (refused.json["code"], refused.json["missing"])
    return told == ("privileges_missing", ["Read Sensitive Attributes"])


def test_every_type_is_masked_everywhere_alike(api: ApiClient, limited: ApiClient) -> None:
    assert limited.profile(PATH) == MASKED
    assert api.profile(PATH) == {name: PROFILE[name] for name in MASKED}
    phones: Any = limited.get(f"{PATH}/extensions/Phone").json
    assert phones == MASKED["Phone"]
    assert limited.get(f"{PATH}/extensions/Phone?limit=1").json == phones[:1]
    assert limited.get(f"{PATH}/extensions/Account").json == MASKED["Account"]
    several: Any = limited.get(f"/profiles?customer_id={ID}&extensions=*").json
    assert several == [{"customer_id": ID} | MASKED]


def test_who_may_not_see_a_value_may_look_for_one_that_is_known(limited: ApiClient) -> None:
    query = f"/profiles?Card={PROFILE['Card']}&include_profile=yes&extensions=Account"
    found: Any = limited.get(query, Prefer="explain").json
    assert found["outcome"] == "unique"
    assert found["profiles"][0]["Card"] == MASKED["Card"]
    assert found["profiles"][0]["Account"] == MASKED["Account"]
    refused = limited.get("/profiles?Card=••••0001", expect=400)
    assert limited.faults(refused)["Card"].startswith("is a mask")


DAYS, NUMBERS = [f"1977-07-0{n}" for n in range(1, 8)], range(808080800, 808080809)


@pytest.mark.parametrize("name", ["Card", "Cards", "Born", "Income", "Phone.Pin"])
@pytest.mark.parametrize("prefer", ["", "explain"])
def test_who_may_not_see_values_does_not_try_several_at_once(
    api: ApiClient, limited: ApiClient, name: str, prefer: str
) -> None:
    values = DAYS if name == "Born" else NUMBERS
    one, *others = (f"&{name}={value}" for value in values)
    limited.get(f"/profiles?FirstName=Bruce{one}", Prefer=prefer)
    several = f"/profiles?FirstName=Bruce{one}{''.join(others)}"
    api.get(several, Prefer=prefer)
    refused = limited.get(several, expect=400, Prefer=prefer)
    assert list(limited.faults(refused)) == [name]


def test_what_to_ask_next_does_not_tell_whether_masked_values_are_equal(
    api: ApiClient, limited: ApiClient
) -> None:
    for customer_id, income in (("one", 1), ("two", 2)):
        api.created({"customer_id": customer_id, "FirstName": "Same", "Income": income})
    ask = "/profiles?FirstName=Same"
    assert api.get(ask, Prefer="explain").json["ask"] == "Income"  # type: ignore[index]
    assert limited.get(ask, Prefer="explain").json["ask"] is None  # type: ignore[index]


def test_what_would_tell_profiles_apart_is_a_name(limited: ApiClient) -> None:
    found: Any = limited.get("/profiles?FirstName=Bruce", Prefer="explain").json
    assert found["ask"] == "Card"


def test_who_may_not_see_values_can_still_change_them_and_the_others(
    api: ApiClient, limited: ApiClient
) -> None:
    patch = {"FirstName": "Hulk", "Income": 5}
    prefer = {"Prefer": "return=representation"}
    changed = limited.send("PATCH", PATH, patch, expect=200, **MERGE_PATCH, **prefer)
    assert changed.json == {"customer_id": ID, **MASKED, "FirstName": "Hulk"}
    body = {"PhoneNumber": "HIDDEN-phone-0004", "Kind": "old"}
    limited.put(f"{PATH}/extensions/Phone/by/unique", body, expect=204)
    profile = api.profile(PATH)
    assert (profile["Card"], profile["Income"]) == (PROFILE["Card"], 5)
    assert profile["Phone"][0] == PROFILE["Phone"][0] | {"Kind": "old"}


@pytest.mark.parametrize(
    ("method", "path", "body", "pointers"),
    [
        ("PUT", PATH, MASKED, 9),
        ("PUT", PATH, {"Cards": ["••••0002", "new"]}, ["/Cards/0"]),
        ("POST", "/profiles", {"Born": "••••-••-••"}, ["/Born"]),
        ("PATCH", PATH, {"Income": MASK}, ["/Income"]),
        ("POST", f"{PATH}/extensions", {"Phone": {"Pin": MASK}}, ["/Phone/0/Pin"]),
        ("PUT", f"{PATH}/extensions/Account", MASKED["Account"], ["/Number"]),
        ("PUT", f"{PATH}/extensions/Phone/by/unique", {"PhoneNumber": "••••0004"}, 1),
        ("PUT", f"{PATH}/extensions/Phone/delete/by/unique", {"PhoneNumber": "••••0004"}, 1),
    ],
)
def test_a_mask_that_is_sent_back_is_refused_at_its_place(
    api: ApiClient, method: str, path: str, body: Any, pointers: list[str] | int
) -> None:
    headers = MERGE_PATCH if method == "PATCH" else {}
    with unchanged(api, PATH):
        told = api.faults(api.send(method, path, body, expect=400, **headers))
    assert all(message.startswith("is a mask, not the value") for message in told.values())
    assert (len(told) if isinstance(pointers, int) else list(told)) == pointers


def test_a_mask_is_no_way_around_by_a_json_patch(api: ApiClient) -> None:
    patch = [{"op": "add", "path": "/Cards/-", "value": "••••0009"}]
    with unchanged(api, PATH):
        refused = api.send("PATCH", PATH, patch, expect=400, **JSON_PATCH)
    assert list(api.faults(refused)) == ["/Cards/2"]


def test_what_looks_like_a_mask_is_kept_where_nothing_is_masked(limited: ApiClient) -> None:
    limited.send("PATCH", PATH, {"FirstName": "••••ce"}, expect=200, **MERGE_PATCH)
    assert limited.profile(PATH)["FirstName"] == "••••ce"


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/Card", "value": PROFILE["Card"]},
        {"op": "test", "path": "", "value": {}},
        {"op": "test", "path": "/Phone/0", "value": {}},
        {"op": "copy", "from": "/Card", "path": "/FirstName"},
        {"op": "copy", "from": "/Cards/0", "path": "/Account/Bank"},
        {"op": "move", "from": "/Phone/0/PhoneNumber", "path": "/Phone/0/Kind"},
        {"op": "copy", "from": "/FirstName", "path": "/Card"},
    ],
)
def test_a_json_patch_is_no_way_to_find_out_a_value(
    api: ApiClient, limited: ApiClient, operation: dict[str, Any]
) -> None:
    patch = [{"op": "replace", "path": "/FirstName", "value": "Hulk"}, operation]
    with unchanged(api, PATH):
        assert lacking(limited.send("PATCH", PATH, patch, expect=403, **JSON_PATCH))


def test_a_json_patch_may_read_what_is_not_sensitive(api: ApiClient, limited: ApiClient) -> None:
    patch = [
        {"op": "test", "path": "/FirstName", "value": "Bruce"},
        {"op": "copy", "from": "/Phone/1/Kind", "path": "/Phone/0/Kind"},
        {"op": "add", "path": "/Card", "value": "HIDDEN-card-0008"},
    ]
    limited.send("PATCH", PATH, patch, expect=200, **JSON_PATCH)
    assert api.profile(PATH)["Card"] == "HIDDEN-card-0008"
    patch = [{"op": "copy", "from": "/Card", "path": "/FirstName"}]
    api.send("PATCH", PATH, patch, expect=200, **JSON_PATCH)
    assert limited.profile(PATH)["FirstName"] == "HIDDEN-card-0008"


@pytest.mark.parametrize("query", ["", "?dry_run=true", "?force=true"])
def test_nobody_makes_visible_what_he_may_not_see(
    api: ApiClient, limited: ApiClient, query: str
) -> None:
    core: Any = api.get(ATTRIBUTES).json
    phone: Any = api.get(PHONE).json
    shown = [{name: each[name] for name in each if name != "sensitive"} for each in core]
    without = [each for each in core if each["name"] != "Income"]
    phones = phone | {"attributes": [{"name": "PhoneNumber", "type": "string"}]}
    assert lacking(limited.put(ATTRIBUTES + query, shown, expect=403))
    assert lacking(limited.put(ATTRIBUTES + query, without, expect=403))
    assert lacking(limited.put(PHONE + query, phones, expect=403))
    assert limited.get(ATTRIBUTES).json == core
    limited.put(ATTRIBUTES, [*core, {"name": "Note", "type": "string", "sensitive": True}])
    api.put(ATTRIBUTES, shown)
    assert limited.get(ATTRIBUTES).json == shown
    assert limited.profile(PATH)["Card"] == PROFILE["Card"]


def test_what_was_taken_away_comes_back_to_those_only_who_may_see_it(
    api: ApiClient, limited: ApiClient
) -> None:
    core: Any = api.get(ATTRIBUTES).json
    without = [each for each in core if each["name"] != "Income"]
    plain = [*without, {"name": "Income", "type": "integer"}]
    api.put(f"{ATTRIBUTES}?force=true", without)
    assert lacking(limited.put(f"{ATTRIBUTES}?force=true", plain, expect=403))
    api.put(f"{ATTRIBUTES}?force=true", plain)
    assert limited.get(ATTRIBUTES).json == plain
    assert limited.profile(PATH)["Income"] == PROFILE["Income"]


def test_an_entity_tag_is_of_what_is_answered(api: ApiClient, limited: ApiClient) -> None:
    clear, masked = tag_of(api, PATH), tag_of(limited, PATH)
    assert clear != masked
    assert limited.get(PATH, expect=304, If_None_Match=masked).data == b""
    assert limited.get(PATH, If_None_Match=clear).headers["ETag"] == masked
    assert api.get(PATH, If_None_Match=masked).headers["ETag"] == clear


def test_a_change_goes_by_the_tag_of_either(api: ApiClient, limited: ApiClient) -> None:
    patch = {"Content_Type": "application/merge-patch+json"}
    for caller, seen_by in ((api, limited), (limited, api)):
        tag = tag_of(seen_by, PATH)
        caller.send("PATCH", PATH, {"FirstName": "x"}, expect=200, If_Match=tag, **patch)
        caller.send("PATCH", PATH, {"FirstName": "y"}, expect=412, If_Match=tag, **patch)


@pytest.mark.parametrize(
    "call",
    [
        ("POST", "/profiles", {"Card": PROFILE["Card"]}, 409),
        ("POST", "/profiles", {"Income": "909090909", "Born": "1977-07-07x"}, 400),
        ("POST", "/profiles", {"Cards": ["HIDDEN" * 20]}, 400),
        ("POST", f"{PATH}/extensions", {"Phone": [PROFILE["Phone"][0]] * 2}, 400),
        ("PUT", PATH, b'{"Card": "HIDDEN', 400),
        ("PUT", PATH, b'{"Card": "HIDDEN", "Card": "HIDDEN"}', 400),
        ("PUT", f"{PATH}/extensions/Phone/by/unique", {"PhoneNumber": "HIDDEN"}, 404),
        ("PUT", f"{PATH}/merge/{OTHER_ID}", {}, 409),
        ("GET", "/profiles?Income=HIDDEN&Born=HIDDEN", None, 400),
        ("GET", "/profiles?Card=HIDDEN&id_key=name", None, 400),
    ],
)
def test_no_refusal_repeats_a_value(
    api: ApiClient, capfd: pytest.CaptureFixture[str], call: tuple[str, str, Any, int]
) -> None:
    method, path, body, status = call
    phone = PROFILE["Phone"][0] | {"Pin": 808080808, "Kind": "other"}
    api.put(f"/profiles/{OTHER_ID}", OTHER | {"Phone": [phone]})
    refused = api.send(method, path, body, expect=status)
    assert told_secrets(refused.text + str(refused.headers)) == set()
    assert told_secrets("".join(capfd.readouterr())) == set()


def test_a_rehearsal_tells_of_stored_values_without_them(api: ApiClient) -> None:
    core: Any = api.get(ATTRIBUTES).json
    shorter = [each | {"length": 3} if each["name"] == "Card" else each for each in core]
    for answer in (
        api.put(f"{ATTRIBUTES}?dry_run=true", shorter),
        api.put(ATTRIBUTES, shorter, expect=409),
    ):
        assert "/Card" in answer.text
        assert told_secrets(answer.text) == set()


def shortened(api: ApiClient, *names: str) -> list[dict[str, Any]]:
    """The core attributes, those called ``names`` with one character at most."""
    core: Any = api.get(ATTRIBUTES).json
    return [each | ({"length": 1} if each["name"] in names else {}) for each in core]


def test_a_rehearsal_names_profiles_to_who_may_read_what_is_wrong_with_them(
    api: ApiClient, limited: ApiClient, caller: Callers
) -> None:
    both, secret = shortened(api, "FirstName", "Card"), shortened(api, "Card")
    phone: Any = api.get(PHONE).json
    phone["attributes"] = [
        each | ({"length": 1} if each["name"] == "Kind" else {}) for each in phone["attributes"]
    ]
    blind = caller(ALL - {P.READ_PROFILE})
    without_records = caller(ALL - {P.READ_EXTENSION})
    for client, path, body, told in (
        (api, ATTRIBUTES, secret, {(ID, "/Card"), (OTHER_ID, "/Card")}),
        (limited, ATTRIBUTES, secret, set()),
        (limited, ATTRIBUTES, both, {(ID, "/FirstName"), (OTHER_ID, "/FirstName")}),
        (blind, ATTRIBUTES, both, set()),
        (limited, PHONE, phone, {(ID, "/Phone/0/Kind")}),
        (blind, PHONE, phone, set()),
        (without_records, PHONE, phone, set()),
        (without_records, ATTRIBUTES, both, {(ID, "/FirstName"), (OTHER_ID, "/FirstName")}),
    ):
        trial: Any = client.put(f"{path}?dry_run=true", body).json
        refused: Any = client.put(path, body, expect=409).json
        assert refused["report"] == trial
        assert trial["invalid"] == (1 if body is phone else 2)
        assert {(each["customer_id"], each["pointer"]) for each in trial["examples"]} == told


@pytest.fixture
def building(settings: Settings, dao: Dao, api: ApiClient) -> Iterator[ApiClient]:
    """As ``api``, of a service that does its background jobs."""
    app = service(settings, dao, ANYBODY)
    app.extensions[JOBS].start()
    yield ApiClient(app.test_client(), api.tenant)
    app.extensions[JOBS].stop()


@pytest.mark.parametrize("name", ["FirstName", "Income"])
def test_a_job_names_profiles_to_who_may_read_what_they_share(
    building: ApiClient, limited: ApiClient, caller: Callers, name: str
) -> None:
    api, blind = building, caller(ALL - {P.READ_PROFILE})
    api.put(f"/profiles/{OTHER_ID}", OTHER | {"Income": PROFILE["Income"]})
    key = {"name": "shared", "attributes": [name], "unique": True}
    made = api.send("POST", KEYS, key, expect=201)
    path = made.headers["Link"].partition(">")[0].removeprefix("<")
    job = until(lambda: failed(api, path))
    assert (job["conflicts"], len(job["examples"])) == (1, 1)
    unnamed = job | {"examples": []}
    shown = unnamed if name == "Income" else job
    assert (limited.get(path).json, blind.get(path).json) == (shown, unnamed)
    query = f"/profiles?id_key=shared&{name}={PROFILE[name]}"
    for client, told in ((api, job), (limited, shown)):
        refused: Any = client.get(query, expect=503).json
        assert refused["job"] == told
    api.delete(f"{KEYS}/shared", expect=204)
    assert (api.get(path).json, limited.get(path).json) == (job, unnamed)


def failed(api: ApiClient, path: str) -> Any:
    job: Any = api.get(path).json
    return job if job["state"] == "failed" else None


def test_a_large_profile_is_masked_with_its_other_values_as_written(
    api: ApiClient, limited: ApiClient
) -> None:
    numbers = [f"HIDDEN-{index}" for index in range(1000)]
    path = api.created({"FirstName": "é\\u2028", "Cards": numbers})
    shown: Any = limited.get(path).json
    assert shown["FirstName"] == "é\\u2028"
    assert [each[:4] for each in shown["Cards"]] == [MASK] * 1000
    assert told_secrets(dump(shown).decode()) == set()

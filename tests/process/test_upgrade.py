"""Upgrading a store of the release that had no identification yet."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import apsw
import pytest

from app.dao.base import Dao
from app.dao.values import ProfileKey
from app.factory import create_app
from app.settings import CassandraStore, EmbeddedStore, Settings, StoreAddress, read_settings
from app.stores import open_dao
from tests.conftest import STORES, drop_keyspace
from tests.support.client import ApiClient
from tests.support.creators import a_tenant
from tests.support.earlier import Write, prepare, write
from tests.support.server import run, store_url

TELLS = "run `profiles reindex`"
BRUCE = {"FirstName": "Bruce", "EmailAddress": ["bruce@x", "hulk@x"], "PhoneNumber": "1"}
PHONES = [{"PhoneType": 0, "PhoneNumber": "2"}]
ADDRESS = {"City": "Hollywood"}
WRITES = (
    Write("create", {"FirstName": "B"}, {"Address": ADDRESS, "Phone": PHONES}),
    Write("update", {"FirstName": "Br"}, {"Phone": PHONES}),
    Write("update", BRUCE),
)


@pytest.fixture(params=STORES)
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreAddress]:
    """A store as the earlier release made it."""
    if request.param == "embedded":
        address: StoreAddress = EmbeddedStore(tmp_path / "earlier.db")
        prepare(address)
        yield address
        return
    shared: CassandraStore = request.getfixturevalue("keyspace_address")
    address = replace(shared, keyspace=f"test_{uuid4().hex}")
    prepare(address)
    yield address
    drop_keyspace(address)


@pytest.fixture
def settings() -> Settings:
    return read_settings()


@pytest.fixture
def opened(earlier: StoreAddress) -> Iterator[Dao]:
    dao = open_dao(earlier)
    yield dao
    dao.close()


def command(address: StoreAddress, *arguments: str, **settings: str) -> tuple[int, str]:
    """``profiles ARGUMENTS`` on the store: the exit code, and all that was said."""
    ended = run(*arguments, PROFILES_STORE=store_url(address), **settings)
    return ended.returncode, ended.stdout + ended.stderr


def upgraded(address: StoreAddress) -> None:
    code, said = command(address, "migrate", "apply")
    assert code == 0, said
    assert TELLS in said
    code, said = command(address, "reindex")
    assert code == 0, said


def client(settings: Settings, dao: Dao, tenant: int) -> ApiClient:
    return ApiClient(create_app(settings, dao).test_client(), tenant)


def found(api: ApiClient, query: str) -> list[str]:
    profiles: Any = api.get(f"/profiles?{query}").json
    return [each["customer_id"] for each in profiles]


def test_profiles_are_read_before_and_found_after_the_reindexing(
    earlier: StoreAddress, opened: Dao, settings: Settings
) -> None:
    tenants = [a_tenant(), a_tenant()]
    for tenant in tenants:
        write(earlier, ProfileKey(tenant, "bruce"), *WRITES)
    assert TELLS in command(earlier, "migrate", "apply")[1]
    clients = [client(settings, opened, tenant) for tenant in tenants]
    before = [api.get("/profiles/bruce?extensions=*") for api in clients]
    for api, answer in zip(clients, before, strict=True):
        assert answer.json == {"customer_id": "bruce", **BRUCE, "Phone": PHONES}
        assert found(api, "EmailAddress=hulk@x") == []
    assert "2 profiles looked at" in command(earlier, "reindex")[1]
    for api, answer in zip(clients, before, strict=True):
        after = api.get("/profiles/bruce?extensions=*")
        assert (after.data, after.headers["ETag"]) == (answer.data, answer.headers["ETag"])
        for query in ("EmailAddress=hulk@x", "PhoneNumber=1", "Phone.PhoneNumber=2"):
            assert found(api, query) == ["bruce"]


def test_the_reindexing_of_one_tenant_leaves_the_others(
    earlier: StoreAddress, opened: Dao, settings: Settings
) -> None:
    one, other = a_tenant(), a_tenant()
    for tenant in (one, other):
        write(earlier, ProfileKey(tenant, "bruce"), *WRITES)
    command(earlier, "migrate", "apply")
    assert "1 profiles looked at" in command(earlier, "reindex", "--tenant", str(one))[1]
    assert found(client(settings, opened, one), "PhoneNumber=1") == ["bruce"]
    assert found(client(settings, opened, other), "PhoneNumber=1") == []


def test_versions_go_on_and_the_past_is_told_as_it_was(
    earlier: StoreAddress, opened: Dao, settings: Settings
) -> None:
    tenant = a_tenant()
    write(earlier, ProfileKey(tenant, "bruce"), *WRITES)
    upgraded(earlier)
    api = client(settings, opened, tenant)
    tag = api.get("/profiles/bruce").headers["ETag"]
    assert tag.startswith('"3-')
    api.put("/profiles/bruce", BRUCE | {"FirstName": "Bob"}, If_Match=tag)
    api.put("/profiles/bruce/extensions/Address", {"City": "Malibu"})
    told: Any = api.get("/profiles/bruce/history").json
    assert [(each["version"], each["operation"]) for each in told] == [
        (5, "replace_extension"),
        (4, "update"),
        (3, "update"),
        (2, "update"),
        (1, "create"),
    ]
    past = [
        api.get(f"/profiles/bruce?version={number}&extensions=*").json for number in range(1, 6)
    ]
    phones = {"Phone": PHONES}
    assert past == [
        {"customer_id": "bruce", **expected}
        for expected in (
            {"FirstName": "B", "Address": ADDRESS, **phones},
            {"FirstName": "Br", **phones},
            {**BRUCE, **phones},
            {**BRUCE, "FirstName": "Bob", **phones},
            {**BRUCE, "FirstName": "Bob", "Address": {"City": "Malibu"}, **phones},
        )
    ]


def test_profiles_are_updated_deleted_and_merged_as_any_others(
    earlier: StoreAddress, opened: Dao, settings: Settings
) -> None:
    tenant = a_tenant()
    for name in ("bruce", "betty", "thor", "gone"):
        email = {"EmailAddress": [f"{name}@x"]}
        write(earlier, ProfileKey(tenant, name), Write("load", email, {"Phone": PHONES}))
    write(earlier, ProfileKey(tenant, "gone"), Write("delete", {}, {}))
    upgraded(earlier)
    api = client(settings, opened, tenant)
    api.get("/profiles/gone", expect=404)
    assert api.post({"customer_id": "gone"}).headers["ETag"].startswith('"3-')
    api.put("/profiles/bruce", {"EmailAddress": ["new@x"]})
    api.delete("/profiles/thor")
    assert [found(api, f"EmailAddress={name}@x") for name in ("bruce", "new", "thor")] == [
        [],
        ["bruce"],
        [],
    ]
    api.put("/profiles/bruce/merge/betty", {}, expect=204)
    assert found(api, "EmailAddress=betty@x") == ["bruce"]
    assert found(api, "Phone.PhoneNumber=2") == ["bruce"]
    assert api.get("/profiles/betty").headers["Content-Location"] == "/profiles/bruce"


def test_a_profile_that_is_written_meanwhile_needs_no_reindexing(
    earlier: StoreAddress, opened: Dao, settings: Settings
) -> None:
    tenant = a_tenant()
    write(earlier, ProfileKey(tenant, "bruce"), *WRITES)
    command(earlier, "migrate", "apply")
    api = client(settings, opened, tenant)
    tag = api.get("/profiles/bruce").headers["ETag"]
    api.put("/profiles/bruce", BRUCE, If_Match=tag)
    assert found(api, "EmailAddress=hulk@x") == ["bruce"]
    assert found(api, "Phone.PhoneNumber=2") == []
    for _ in range(2):
        command(earlier, "reindex")
        assert found(api, "EmailAddress=hulk@x") == found(api, "Phone.PhoneNumber=2") == ["bruce"]


def test_profiles_that_share_the_value_of_a_unique_key_are_told(
    earlier: StoreAddress, opened: Dao, settings: Settings, tmp_path: Path
) -> None:
    definition, tenant = tmp_path / "definition.yaml", a_tenant()
    definition.write_text(
        "attributes: [{name: Card, type: string}, {name: Name, type: string}]\n"
        "identification_keys: [{name: card, attributes: [Card], unique: true},"
        " {name: name, attributes: [Name]}]"
    )
    for name in ("bruce", "betty"):
        card = Write("create", {"Card": "HIDDEN", "Name": name}, {})
        write(earlier, ProfileKey(tenant, name), card)
    command(earlier, "migrate", "apply")
    arguments = ("reindex", "--threads", "1")
    code, said = command(earlier, *arguments, PROFILES_DEFINITION=str(definition))
    assert code == 1
    assert said.count("another profile has its values of the unique key card") == 1
    assert "1 profiles cannot be found by all that they hold" in said
    assert "HIDDEN" not in said
    api = client(replace(settings, definition=definition), opened, tenant)
    assert len(found(api, "Card=HIDDEN")) == 1
    assert [found(api, f"Name={name}") for name in ("bruce", "betty")] == [["bruce"], ["betty"]]


def test_only_an_upgrade_asks_for_a_reindexing(tmp_path: Path) -> None:
    fresh = EmbeddedStore(tmp_path / "fresh.db")
    assert TELLS not in command(fresh, "migrate", "apply")[1]
    assert TELLS not in command(fresh, "migrate", "apply")[1]
    assert "0 profiles looked at" in command(fresh, "reindex")[1]


@pytest.mark.parametrize("earlier", ["embedded"], indirect=True)
def test_a_server_of_the_earlier_release_writes_no_more_on_sqlite(earlier: StoreAddress) -> None:
    key = ProfileKey(a_tenant(), "bruce")
    write(earlier, key, *WRITES)
    command(earlier, "migrate", "apply")
    with pytest.raises(apsw.SQLError, match="9 columns"):
        write(earlier, key, *WRITES[2:])


@pytest.mark.parametrize("earlier", ["cassandra"], indirect=True)
def test_what_a_server_of_the_earlier_release_still_writes_is_found_after_the_next_reindexing(
    earlier: StoreAddress, opened: Dao, settings: Settings
) -> None:
    tenant = a_tenant()
    key = ProfileKey(tenant, "bruce")
    write(earlier, key, *WRITES)
    upgraded(earlier)
    api = client(settings, opened, tenant)
    write(earlier, key, Write("update", {"EmailAddress": "late@x"}, {}))
    assert found(api, "EmailAddress=hulk@x") == found(api, "Phone.PhoneNumber=2") == []
    command(earlier, "reindex")
    assert found(api, "EmailAddress=late@x") == ["bruce"]
    api.put("/profiles/bruce", BRUCE)
    assert found(api, "EmailAddress=hulk@x") == ["bruce"]
    assert found(api, "EmailAddress=late@x") == []

"""Backups from either store into either one: all of it comes back, or nothing at all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app import stores
from app.dao.base import Dao
from app.dao.embedded.connection import connect
from app.factory import create_app
from app.parts import JOBS
from app.services.backup_files import BackupFile, backup_file, is_backup
from app.services.backup_lines import FORMAT
from app.services.backups import Place, line_pages
from app.services.copying import Copied, Copier
from app.services.cursors import Cursors
from app.services.digests import Account, digest_of
from app.services.errors import BackupRefused, TransferRefused
from app.services.originals import StoreSource
from app.settings import CassandraStore, EmbeddedStore, read_settings, store_address
from tests.conftest import STORES, drop_keyspace
from tests.services.busy import BANNER, DEFINITION, at, fill, put, seen
from tests.services.faults import Crash, Fault, FaultyDao, HastyDao, Moment
from tests.support.backups import KEEP_PAST_FOR, THREADS, back_up, bring, load, sections
from tests.support.client import ApiClient
from tests.support.creators import a_tenant
from tests.support.server import wait_until


@dataclass(frozen=True, slots=True)
class Held:
    """A store, the service on it, and a client for each of its two tenants."""

    dao: Dao
    app: Flask
    api: ApiClient
    other: ApiClient

    @property
    def tenants(self) -> list[int]:
        return sorted([self.api.tenant, self.other.tenant])

    @property
    def source(self) -> StoreSource:
        return StoreSource(self.dao, KEEP_PAST_FOR)

    def seen(self) -> Any:
        return seen(self.api), seen(self.other)


def held(dao: Dao, folder: Path, tenants: tuple[int, int]) -> Held:
    definition = folder / "definition.yaml"
    definition.write_text(DEFINITION)
    app = create_app(replace(read_settings(), definition=definition), dao)
    api, other = (ApiClient(app.test_client(), tenant) for tenant in tenants)
    return Held(dao, app, api, other)


@pytest.fixture(scope="module")
def filled(address: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """Tenants that have been at work, on each store."""
    dao = stores.open_dao(address)
    made = held(HastyDao(dao), tmp_path_factory.mktemp("source"), (a_tenant(), a_tenant()))
    made.app.extensions[JOBS].start()
    fill(made.api, made.other)
    made.app.extensions[JOBS].stop()
    yield made
    dao.close()


@pytest.fixture
def keyspace(cassandra_host: str) -> Iterator[CassandraStore]:
    """A keyspace of one test, not made yet."""
    address = store_address(f"cassandra://{cassandra_host}/other_{uuid4().hex}")
    assert isinstance(address, CassandraStore)
    yield address
    drop_keyspace(address)


@pytest.fixture(params=STORES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Dao]:
    """A fresh store of each kind."""
    address: Any = EmbeddedStore(tmp_path / "empty.db")
    if request.param == "cassandra":
        address = request.getfixturevalue("keyspace")
    stores.migrate(address)
    dao = stores.open_dao(address)
    yield dao
    dao.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Held]:
    """A few profiles of two tenants in a file of SQLite."""
    dao = opened(tmp_path / "small.db")
    made = held(dao, tmp_path, (1, 2))
    for number in range(7):
        put(made.api, f"p{number}", {"LastName": "One", "Phone": [{"PhoneNumber": "5"}]})
        made.api.put(at(f"p{number}"), {"LastName": "Two"})
    put(made.other, "one", BANNER)
    yield made
    dao.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Dao]:
    """An empty file of SQLite."""
    dao = opened(tmp_path / "fresh.db")
    yield dao
    dao.close()


def opened(path: Path) -> Dao:
    stores.migrate(EmbeddedStore(path))
    return stores.open_dao(EmbeddedStore(path))


@pytest.fixture(params=["backup", "copy"])
def moved(request: pytest.FixtureRequest, filled: Held, empty: Dao, tmp_path: Path) -> Held:
    """All of it in a store of either kind, by a backup file or without."""
    if request.param == "copy":
        bring(filled.source, filled.tenants, empty)
    else:
        load(back_up(filled.source, filled.tenants, tmp_path / "backup"), empty)
    return held(empty, tmp_path, (filled.api.tenant, filled.other.tenant))


def test_all_comes_back_on_either_store_and_across_them(filled: Held, moved: Held) -> None:
    before = sections(filled.source, filled.tenants)
    assert sections(moved.source, moved.tenants) == before
    assert moved.seen() == filled.seen()
    counts = next(each for each in before if each.tenant == filled.api.tenant)
    assert (counts.profiles, counts.deleted, counts.merged) == (4, 2, 3)
    _go_on(moved.api)


def _go_on(api: ApiClient) -> None:
    """What clients know of the store before is still good."""
    tag = api.get(at("one")).headers["ETag"]
    told: Any = api.get(at("one") + "/history").json
    older = f'"{told[1]["etag"]}"'
    api.put(at("one"), {"LastName": "late"}, expect=412, If_Match=older)
    answer = api.put(at("one"), {"LastName": "next"}, If_Match=tag)
    assert answer.headers["ETag"].startswith(f'"{told[0]["version"] + 1}-')
    api.put(at("old"), {"EmailAddress": ["taken@c.de"]}, expect=409)
    assert put(api, "gone", {}).startswith('"3-')
    api.put(at("a"), {}, expect=404)


def test_a_backup_tells_what_its_store_comes_to(filled: Held, tmp_path: Path) -> None:
    file = back_up(filled.source, filled.tenants, tmp_path / "backup")
    with backup_file(file) as source:
        told = tuple(replace(each, start=0) for each in source.sections)
        assert told == sections(filled.source, filled.tenants)


def test_a_backup_of_a_backup_is_the_same(filled: Held, tmp_path: Path) -> None:
    file = back_up(filled.source, filled.tenants, tmp_path / "first")
    with backup_file(file) as source:
        again = back_up(source, source.tenants(), tmp_path / "second")
    assert again.read_bytes() == file.read_bytes()


def test_the_order_in_which_a_store_tells_its_profiles_does_not_matter(
    small: Held, tmp_path: Path
) -> None:
    lines = back_up(small.source, [1], tmp_path / "backup").read_bytes().splitlines(keepends=True)
    opening, tenant, *profiles = lines[:-2]
    account, backwards = Account(), Account()
    for line in (opening, tenant, *profiles):
        account.add(line)
    for line in (opening, tenant, *_by_profile_backwards(profiles)):
        backwards.add(line)
    assert account.sections == backwards.sections


def _by_profile_backwards(lines: list[bytes]) -> list[bytes]:
    each = 3  # two versions and the profile
    starts = range(len(lines) - each, -1, -each)
    return [line for start in starts for line in lines[start : start + each]]


@pytest.mark.parametrize(
    "change",
    [
        lambda api: api.put(at("p3"), {"LastName": "Two"}),
        lambda api: api.delete(at("p3")),
        lambda api: put(api, "new", {}),
        lambda api: api.send("PUT", f"{at('p3')}/merge/p4", expect=204),
        lambda api: api.put(
            "/metadata/profiles",
            [*(api.get("/metadata/profiles").json or ()), {"name": "New", "type": "string"}],
        ),
    ],
)
def test_a_change_of_any_kind_is_another_digest(
    small: Held, change: Callable[[ApiClient], object]
) -> None:
    before = sections(small.source, small.tenants)
    change(small.api)
    after = sections(small.source, small.tenants)
    assert digest_of(after) != digest_of(before)
    assert [a.digest == b.digest for a, b in zip(after, before, strict=True)] == [False, True]


def test_loading_again_changes_nothing(small: Held, fresh: Dao, tmp_path: Path) -> None:
    file = back_up(small.source, small.tenants, tmp_path / "backup")
    assert load(file, fresh) == Copied(8, 8)
    assert load(file, fresh) == Copied(8, 0)


@pytest.mark.parametrize("step", range(1, 17, 3))
@pytest.mark.parametrize("moment", Moment)
def test_a_load_that_died_goes_on(
    small: Held, fresh: Dao, tmp_path: Path, step: int, moment: Moment
) -> None:
    file = back_up(small.source, small.tenants, tmp_path / "backup")
    with pytest.raises(Crash):
        load(file, FaultyDao(fresh, Fault(step, moment, Crash)))
    load(file, fresh)
    target = StoreSource(fresh, KEEP_PAST_FOR)
    assert sections(target, small.tenants) == sections(small.source, small.tenants)


def _without_a_line(text: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    return b"".join([*lines[:4], *lines[5:]])


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off within a line": lambda text: text[: len(text) // 2],
    "cut off after a line": lambda text: text[: text.rindex(b"\n", 0, -1) + 1],
    "the first line alone": lambda text: text[: text.index(b"\n") + 1],
    "a letter changed": lambda text: text.replace(b"One", b"Own", 1),
    "a line less": _without_a_line,
    "a line more": lambda text: text + b"\n",
    "another end": lambda text: text[:-20] + b"0" * 17 + text[-3:],
    "twice": lambda text: text + text,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_of_a_damaged_file_nothing_is_stored(
    small: Held, fresh: Dao, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    file = back_up(small.source, small.tenants, tmp_path / "backup")
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(BackupRefused, match="was changed or cut off"):
        load(file, fresh)
    assert StoreSource(fresh, KEEP_PAST_FOR).tenants() == []
    assert fresh.scan(None, None, 10).keys == ()


def test_a_file_of_another_format_is_refused(small: Held, fresh: Dao, tmp_path: Path) -> None:
    file = back_up(small.source, small.tenants, tmp_path / "backup")
    now, then = b'"format":%d' % FORMAT, b'"format":%d' % (FORMAT + 1)
    file.write_bytes(file.read_bytes().replace(now, then, 1))
    with pytest.raises(BackupRefused, match=f"has the format {FORMAT + 1}"):
        load(file, fresh)


@pytest.mark.parametrize("text", [b"", b"{}\n", b'{"customer_id": "one"}\n'])
def test_what_does_not_begin_as_a_backup_is_none(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "other"
    file.write_bytes(text)
    assert not is_backup(file)
    with pytest.raises(BackupRefused), backup_file(file):
        pass


def test_a_line_that_makes_no_sense_is_refused_also_under_a_right_digest(
    small: Held, fresh: Dao, tmp_path: Path
) -> None:
    account, file = Account(), tmp_path / "backup"
    with file.open("wb") as target:
        for page in line_pages(small.source, [1], THREADS):
            for line in page.lines:
                wrong = line.replace(b'"operation":"create"', b'"operation":"conjure"')
                account.add(wrong)
                target.write(wrong)
        target.writelines(account.close())
    with pytest.raises(BackupRefused, match="version"):
        load(file, fresh)


def test_another_definition_in_the_target_is_refused(
    small: Held, fresh: Dao, tmp_path: Path
) -> None:
    file = back_up(small.source, small.tenants, tmp_path / "backup")
    there = held(fresh, tmp_path, (1, 2))
    more = [*(there.api.get("/metadata/profiles").json or ()), {"name": "New", "type": "string"}]
    there.api.put("/metadata/profiles", more)
    with pytest.raises(TransferRefused, match="another definition in the target"):
        load(file, fresh)


def test_what_was_changed_in_the_target_is_left_and_told(
    small: Held, fresh: Dao, tmp_path: Path
) -> None:
    file = back_up(small.source, small.tenants, tmp_path / "backup")
    load(file, fresh)
    held(fresh, tmp_path, (1, 2)).api.put(at("p3"), {"LastName": "there"})
    done = load(file, fresh)
    told = [(each.customer_id, each.why) for each in done.left]
    assert told == [("p3", "was changed in the target")]


def test_versions_that_would_have_expired_are_left_out_and_the_counts_tell(
    small: Held, fresh: Dao, tmp_path: Path
) -> None:
    file = back_up(small.source, small.tenants, tmp_path / "backup")
    load(file, fresh, keep=0)
    after = sections(StoreSource(fresh, KEEP_PAST_FOR), small.tenants)
    assert [(each.profiles, each.versions) for each in after] == [(7, 0), (1, 0)]
    with backup_file(file) as source:
        told = [(each.profiles, each.versions) for each in source.sections]
    assert told == [(7, 14), (1, 1)]
    assert held(fresh, tmp_path, (1, 2)).api.profile(at("p3")) == small.api.profile(at("p3"))


def test_entries_that_a_store_has_lost_are_there_again_in_its_copy(
    small: Held, fresh: Dao, tmp_path: Path
) -> None:
    connect(tmp_path / "small.db").execute("DELETE FROM identity")
    path = "/profiles?Phone.PhoneNumber=5"
    assert small.api.get(path).json == []
    bring(small.source, small.tenants, fresh)
    found: Any = held(fresh, tmp_path, (1, 2)).api.get(path).json
    assert len(found) == 7


def test_cursors_stay_good(small: Held, fresh: Dao, tmp_path: Path) -> None:
    cursor = Cursors(small.dao).sign(1, "question", 5)
    with backup_file(back_up(small.source, [1], tmp_path / "backup")) as source:
        Copier(source, fresh, KEEP_PAST_FOR).copy_secret()
    assert Cursors(fresh).read(1, "question", cursor) == 5


def test_a_backup_is_the_same_wherever_it_was_interrupted(
    small: Held, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.originals.PROFILES_PER_PAGE", 2)
    monkeypatch.setattr("app.services.backups._BYTES_IN_MEMORY", 100)
    whole = back_up(small.source, small.tenants, tmp_path / "whole").read_bytes()
    account, written, place, stops = Account(), list[bytes](), None, 0
    while True:
        for page in line_pages(small.source, small.tenants, THREADS, place):
            for line in page.lines:
                account.add(line)
                written.append(line)
            if page.place:
                place, stops = page.place, stops + 1
                break
        else:
            break
    written += account.close()
    assert b"".join(written) == whole
    assert stops > 4


def test_a_definition_that_changes_meanwhile_is_refused(small: Held) -> None:
    pages = line_pages(small.source, small.tenants, THREADS)
    wait_until(lambda: (place := next(pages).place) and place.tenant == small.other.tenant)
    attributes = small.other.get("/metadata/profiles").json or ()
    small.other.put("/metadata/profiles", [*attributes, {"name": "New", "type": "string"}])
    place = Place(2, uuid4(), None)
    for rest in (pages, line_pages(small.source, small.tenants, THREADS, place)):
        with pytest.raises(TransferRefused, match="was changed while it was read"):
            list(rest)


def test_a_tenant_that_is_not_there_is_refused(small: Held, tmp_path: Path) -> None:
    with backup_file(back_up(small.source, small.tenants, tmp_path / "backup")) as source:
        assert isinstance(source, BackupFile)
        for each in (source, small.source):
            with pytest.raises(TransferRefused, match="There is no tenant 3"):
                each.begin(3)

"""Backups that were changed, and whose digest was written anew: nothing of them is stored."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.dao.base import Dao
from app.dao.values import ProfileKey
from app.parts import JOBS
from app.services.backup_files import backup_file
from app.services.backup_lines import end_line
from app.services.digests import Account
from app.services.errors import BackupRefused
from app.services.originals import StoreSource
from schemas.document import dump
from tests.services.busy import BANNER, at, put
from tests.services.test_backups import Held, fresh, held, opened, small
from tests.support.backups import KEEP_PAST_FOR, back_up, load, sections
from tests.support.server import wait_until

__all__ = ["fresh", "small"]

OPENING, TENANT, VERSION, PROFILE = 1, 2, 3, 5
"""Numbers of lines: of the first profile there are two versions."""

Change = Callable[[Any], Any]


@pytest.fixture
def file(small: Held, tmp_path: Path) -> Path:
    """A backup of two tenants; that of the first has seven profiles alike."""
    return back_up(small.source, small.tenants, tmp_path / "backup")


def rewritten(file: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """``file`` with other lines, its summary as it was, and a digest that is right."""
    *lines, summary, _ = file.read_bytes().splitlines(keepends=True)
    text = b"".join([*change(lines), summary])
    file.write_bytes(text + end_line(hashlib.sha256(text).hexdigest()))


def forged(file: Path, number: int, change: Change) -> None:
    """``file`` with what ``change`` makes of the members of a line."""

    def changed(lines: list[bytes]) -> list[bytes]:
        told = json.loads(lines[number - 1])
        change(told)
        return [*lines[: number - 1], dump(told) + b"\n", *lines[number:]]

    rewritten(file, changed)


def forged_text(file: Path, number: int, old: bytes, new: bytes) -> None:
    def changed(lines: list[bytes]) -> list[bytes]:
        assert old in lines[number - 1]
        line = lines[number - 1].replace(old, new, 1)
        return [*lines[: number - 1], line, *lines[number:]]

    rewritten(file, changed)


def having(*path: str | int, value: Any) -> Change:
    """Puts ``value`` at a place in the members of a line."""

    def change(told: Any) -> None:
        for step in path[:-1]:
            told = told[step]
        told[path[-1]] = value

    return change


def refused(file: Path, target: Dao) -> str:
    """What is told of the file, of which nothing is stored."""
    with pytest.raises(BackupRefused) as error:
        load(file, target)
    assert StoreSource(target, KEEP_PAST_FOR).tenants() == []
    assert target.scan(None, None, 10).keys == ()
    return str(error.value)


PROFILES: dict[str, Change] = {
    "/attributes: must be an object": having("attributes", value=[1, 2]),
    "/attributes/LastName: must be a string": having("attributes", "LastName", value={"q": [1]}),
    "/attributes/Title: must be a string": having("attributes", "Title", value=[1]),
    "/attributes/Card: must be a string": having("attributes", "Card", value=None),
    "/attributes/Income: must be a number": having("attributes", "Income", value="1"),
    "/attributes/Nope: is not defined": having("attributes", "Nope", value="x"),
    "/attributes/customer_id: is not defined": having("attributes", "customer_id", value="x"),
    '/attributes/a~1"b: is not defined': having("attributes", 'a/"b', value="x"),
    "/extensions/Nope: is not defined": having("extensions", "Nope", value={}),
    "/extensions/Phone: must be an array of objects": having("extensions", "Phone", value={}),
    "/extensions/Phone/0: must be an object": having("extensions", "Phone", value=[1]),
    "/extensions/Phone/0/Nope: is not defined": having("extensions", "Phone", value=[{"Nope": 1}]),
    "/extensions/Phone/1/PhoneType: must be a whole number": having(
        "extensions", "Phone", value=[{}, {"PhoneType": 1 << 40}]
    ),
    "/extensions/Address: must be an object": having("extensions", "Address", value=[]),
    "/extensions/Vip/x: is not defined": having("extensions", "Vip", value={"x": 1}),
    "/version/number: must be a whole number from 2": having("version", "number", value=1),
    "/version/number: must be a whole number": having("version", "number", value="2"),
    "/version/number: must be": having("version", "number", value=True),
    "/version/number: must": having("version", "number", value=2**62 + 1),
    "/customer_id: must be 1 to 16 of": having("customer_id", value="../../x"),
    "/state: must be live, deleted or alias": having("state", value="merging"),
    "/link: is where an alias leads": having(
        "link", value={"merge": "448bbd1a-896b-4771-8326-40f443042f0f", "into": "c"}
    ),
    "/link: is where": having("state", value="alias"),
    "not in the form": having("more", value=1),
    "should be a profile": having("extensions", value=[]),
    "it should be a profile": having("modified_at", value=5),
    "not in the form in": having("modified_at", value="2026-01-02"),
    "not in the form in which": having("modified_at", value="0001-01-01T00:00:00+01:00"),
    "a profile, and is none": having("version", "write_id", value="x"),
    "and is none that can be read": having("merges", value=5),
    "a profile, and is none that can": having("state", value="dead"),
}


@pytest.mark.parametrize("told", PROFILES)
def test_a_profile_that_no_store_holds_is_refused(file: Path, fresh: Dao, told: str) -> None:
    forged(file, PROFILE, PROFILES[told])
    found = refused(file, fresh)
    assert found.startswith(f"line {PROFILE}: ")
    assert told in found


VERSIONS: dict[str, Change] = {
    "/version/number: must be a whole number from 1": having("version", "number", value=0),
    "/note: must be an object": having("note", value=[]),
    "/note/reason: must be a string": having("note", "reason", value=1),
    "/note/parts: must be a list of names": having("note", "parts", value=[1]),
    "/document: must be an object": having("document", value=[]),
    "/document/attributes: is missing": having("document", value={}),
    "/document/attributes/Nope: is not defined": having("document", "attributes", "Nope", value=1),
    "/document/extensions: must be": having("document", "extensions", value=[]),
    "/document/extensions/a~1b: is not defined": having("document", "extensions", "a/b", value={}),
    "/document/extensions/gone/0: must be": having("document", "extensions", "gone", value=[1]),
    "/document/extensions/gone/a: must be a single value": having(
        "document", "extensions", "gone", value={"a": {}}
    ),
    "/document/removed: must be a list of names": having("document", "removed", value=["a/b"]),
    "/document/more: is not known here": having("document", "more", value=1),
    "should be a version": having("operation", value="conjure"),
    "not in the form": having("made_at", value="2026-01-02T03:04:05"),
}


@pytest.mark.parametrize("told", VERSIONS)
def test_a_version_that_no_store_holds_is_refused(file: Path, fresh: Dao, told: str) -> None:
    forged(file, VERSION, VERSIONS[told])
    found = refused(file, fresh)
    assert found.startswith(f"line {VERSION}: ")
    assert told in found


DEFINITIONS: dict[str, Change] = {
    "/tenant: must be the number": having("tenant", value=-1),
    "/tenant: must be": having("tenant", value="1"),
    "/tenant: must": having("tenant", value=True),
    "its definition is none": having("definition", value=[]),
    "definition is none": having("definition", "revision", value="1"),
    "its definition is": having("definition", "definition", "attributes", value=[{"name": "a"}]),
    "its definition, /attributes/0/type": having(
        "definition", "definition", "attributes", value=[{"name": "a", "type": "text"}]
    ),
    "definition is none.": having("definition", "definition", "reduced", value=1),
    "/definition: is reduced or not": having(
        "definition", "definition", "extensions", 0, "reduced", value=1
    ),
    "/definition: has a stored name": having(
        "definition", "definition", "extensions", 0, "stored_name", value='a"b'
    ),
    "not in the form": having("more", value=1),
}


@pytest.mark.parametrize("told", DEFINITIONS)
def test_a_definition_that_no_tenant_has_is_refused(file: Path, fresh: Dao, told: str) -> None:
    forged(file, TENANT, DEFINITIONS[told])
    found = refused(file, fresh)
    assert found.startswith(f"line {TENANT}: ")
    assert told in found


TEXTS: dict[str, tuple[int, bytes, bytes]] = {
    "a member twice": (PROFILE, b'"state"', b'"customer_id":"p1","state"'),
    "the id of another one at its end": (PROFILE, b"}\n", b',"customer_id":"p1"}\n'),
    "an attribute twice": (PROFILE, b'"LastName"', b'"LastName":"a","LastName"'),
    "blanks": (PROFILE, b'"version":', b'"version": '),
    "another spelling": (PROFILE, b"LastName", b"Last\\u004eame"),
    "no number": (VERSION, b'"note":{', b'"note":{"x":NaN,'),
    "a number beyond all floats": (VERSION, b'"note":{', b'"note":{"x":1e400,'),
    "no JSON": (PROFILE, b"}\n", b"\n"),
    "no UTF-8": (PROFILE, b"LastName", b"\xff"),
    "an id that is no UTF-8": (PROFILE, b'"customer_id":"p', b'"customer_id":"\xff'),
    "no kind": (PROFILE, b'"$line"', b'"line"'),
    "an unknown kind": (PROFILE, b'"$line":"profile"', b'"$line":"person"'),
    "another kind": (PROFILE, b'"$line":"profile"', b'"$line":"version"'),
    "a summary in between": (PROFILE, b'"$line":"profile"', b'"$line":"summary"'),
    "a secret that is none": (OPENING, b'"secret":', b'"secret":5,"x":'),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_line_in_another_form_is_refused(file: Path, fresh: Dao, name: str) -> None:
    number, old, new = TEXTS[name]
    forged_text(file, number, old, new)
    assert refused(file, fresh).startswith(f"line {number}: ")


ORDERS: dict[str, tuple[int, Callable[[list[bytes]], list[bytes]]]] = {
    "no tenant": (TENANT, lambda lines: [lines[0], *lines[2:]]),
    "the beginning twice": (TENANT, lambda lines: [lines[0], *lines]),
    "a tenant twice": (TENANT + 1, lambda lines: [*lines[:2], *lines[1:]]),
    "versions backwards": (VERSION + 1, lambda x: [*x[:2], x[3], x[2], *x[4:]]),
    "a version twice": (VERSION + 1, lambda lines: [*lines[:3], *lines[2:]]),
    "versions before another tenant": (PROFILE, lambda x: [*x[:4], *x[23:]]),
    "versions at the end": (PROFILE, lambda lines: lines[:4]),
}


@pytest.mark.parametrize("name", ORDERS)
def test_lines_in_another_order_are_refused(file: Path, fresh: Dao, name: str) -> None:
    number, change = ORDERS[name]
    rewritten(file, change)
    assert refused(file, fresh).startswith(f"line {number}: ")


def test_what_a_backup_says_that_it_comes_to_is_counted_again(file: Path, fresh: Dao) -> None:
    """Its content could be that of a store, but is not the one that the summary tells of."""
    last = len(file.read_bytes().splitlines()) - 1
    forged(file, PROFILE, having("attributes", "LastName", value="Own"))
    told = f"line {last}: it does not tell what the lines before come to."
    assert refused(file, fresh) == told


@pytest.mark.parametrize("member", ["profiles", "versions", "digest", "start"])
def test_a_summary_that_was_changed_is_refused(file: Path, fresh: Dao, member: str) -> None:
    *lines, summary, _ = file.read_bytes().splitlines(keepends=True)
    told = json.loads(summary)
    told["tenants"][0][member] = "0" * 64 if member == "digest" else 5
    text = b"".join([*lines, dump(told) + b"\n"])
    file.write_bytes(text + end_line(hashlib.sha256(text).hexdigest()))
    assert refused(file, fresh).startswith(f"line {len(lines) + 1}: ")


def test_a_line_of_any_length_is_refused_unread(
    file: Path, fresh: Dao, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.backup_files.MAX_LINE", 20_000)
    forged(file, PROFILE, having("attributes", "Title", value="x" * 20_000))
    assert refused(file, fresh) == f"line {PROFILE}: it is longer than 20000 bytes."


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_version_of_any_year_is_taken_as_long_as_one_of_today(
    file: Path, fresh: Dao, year: str
) -> None:
    forged_text(
        file,
        VERSION,
        b'"made_at":"2',
        b'"made_at":"%s-01-01T00:00:00.000Z","x":"2' % year.encode(),
    )
    forged(file, VERSION, lambda told: told.pop("x"))
    *lines, _, _ = file.read_bytes().splitlines(keepends=True)
    account = Account()
    for line in lines:
        account.add(line)
    file.write_bytes(b"".join([*lines, *account.close()]))
    load(file, fresh)
    kept = [row.version.number for row in fresh.past(ProfileKey(1, "p0"), 3, 9)]
    assert kept == ([2] if year == "0001" else [2, 1])


def test_no_value_stands_in_a_refusal(file: Path, fresh: Dao) -> None:
    forged(file, PROFILE, having("attributes", "Income", value="4111 1111"))
    assert "4111" not in refused(file, fresh)


@pytest.fixture
def changed(tmp_path: Path) -> Iterator[Held]:
    """A store whose definition was changed by force under what is stored."""
    dao = opened(tmp_path / "changed.db")
    made = held(dao, tmp_path, (1, 2))
    for each in ("one", "two"):
        put(made.api, each, BANNER | {"EmailAddress": [f"{each}@a", f"{each}@b"]})
    made.api.put(at("two"), {"LastName": "Two", "Income": 5.5})
    yield made
    dao.close()


def attribute(name: str, type_: str = "string", **members: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, **members}


NAMES, EMAIL = ("LastName", "Title", "Card"), attribute("EmailAddress", multi_valued=True)
INCOME = attribute("Income", "double")
NARROWED: dict[str, list[list[dict[str, Any]]]] = {
    "shorter": [[*(attribute(each, length=1) for each in NAMES), INCOME, EMAIL]],
    "single": [[*map(attribute, NAMES), INCOME, attribute("EmailAddress")]],
    "mandatory": [[*(attribute(each, mandatory=True) for each in NAMES), INCOME, EMAIL]],
    "sensitive": [[*(attribute(each, sensitive=True) for each in NAMES), INCOME, EMAIL]],
    "taken away": [[*map(attribute, NAMES), EMAIL]],
    "of another type": [
        [*map(attribute, NAMES), EMAIL],
        [*map(attribute, NAMES), EMAIL, attribute("Income", "date")],
    ],
}


@pytest.mark.parametrize("name", NARROWED)
def test_what_a_forced_change_left_is_taken_back(
    changed: Held, fresh: Dao, tmp_path: Path, name: str
) -> None:
    for attributes in NARROWED[name]:
        changed.api.put("/metadata/profiles?force=true", attributes)
    phone = {
        "name": "Phone",
        "type": "multi-valued",
        "attributes": [attribute("PhoneNumber", length=1)],
    }
    changed.api.put("/metadata/profiles/extensions/Phone?force=true", phone)
    file = back_up(changed.source, [1], tmp_path / "backup")
    load(file, fresh)
    assert sections(StoreSource(fresh, KEEP_PAST_FOR), [1]) == sections(changed.source, [1])


def test_a_type_that_became_another_one_leaves_its_values(fresh: Dao, tmp_path: Path) -> None:
    dao = opened(tmp_path / "evolving.db")
    made = held(dao, tmp_path, (1, 2))
    values = {"N": 5, "L": 2**40, "D": "2026-01-02", "T": "2026-01-02T03:04:05Z"}
    before, after = (
        ("integer", "long", "date", "datetime"),
        ("long", "currency", "string", "string"),
    )
    for types in (before, after):
        made.api.put(
            "/metadata/profiles?force=true",
            [
                *(attribute(name, each) for name, each in zip(values, types, strict=True)),
                *(attribute(each) for each in ("LastName", "EmailAddress")),
            ],
        )
        if types is before:
            put(made.api, "one", values)
    load(back_up(made.source, [1], tmp_path / "backup"), fresh)
    assert sections(StoreSource(fresh, KEEP_PAST_FOR), [1]) == sections(made.source, [1])
    dao.close()


def test_a_tenant_without_attributes_is_taken_back(fresh: Dao, tmp_path: Path) -> None:
    dao = opened(tmp_path / "bare.db")
    made = held(dao, tmp_path, (1, 2))
    put(made.api, "one", {"LastName": "A"})
    for key in ("email", "phone"):
        made.api.send("DELETE", f"/metadata/identification-keys/{key}", expect=204)
    made.api.put("/metadata/profiles?force=true", [])
    made.app.extensions[JOBS].start()
    wait_until(lambda: not made.source.is_changing(1))
    made.app.extensions[JOBS].stop()
    load(back_up(made.source, [1], tmp_path / "backup"), fresh)
    assert sections(StoreSource(fresh, KEEP_PAST_FOR), [1]) == sections(made.source, [1])
    dao.close()


def test_a_backup_is_looked_through_with_a_word_on_how_far(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.backup_files._LINES_BETWEEN_LOOKS", 10)
    met = list[tuple[int, int]]()
    with backup_file(file, lambda end, lines: met.append((end, lines))):
        pass
    lines = file.read_bytes().splitlines(keepends=True)
    assert met == [(sum(map(len, lines[:count])), count) for count in (10, 20)]

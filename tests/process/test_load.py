"""``profiles load``: what it stores, what it reports, and how it goes on."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.dao.base import ProfileDao
from app.dao.cassandra.connection import Connection
from app.dao.embedded.connection import connect
from app.dao.values import ProfileKey
from app.settings import CassandraStore, EmbeddedStore, store_address
from examples.generate_profiles import profiles
from tests.support.creators import a_tenant
from tests.support.server import PROFILES, ROOT, environment, run, serving, store_url, wait_until

MANY = 10_000
SAMPLE = 200

Load = Callable[[Path, int], subprocess.CompletedProcess[str]]


@pytest.fixture
def load(address: EmbeddedStore | CassandraStore) -> Load:
    return lambda file, tenant: run(
        "load", str(file), "--tenant", str(tenant), PROFILES_STORE=store_url(address)
    )


def write_lines(file: Path, *lines: Any) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("".join(f"{text}\n" for text in texts))
    return file


def test_ten_thousand_profiles_are_read_back_over_http_as_they_went_in(
    load: Load, address: EmbeddedStore | CassandraStore, tmp_path: Path
) -> None:
    tenant, generated = a_tenant(), list(profiles(MANY))
    ended = load(write_lines(tmp_path / "many.ndjson", *generated), tenant)
    assert ended.returncode == 0, ended.stderr
    assert f"{MANY} profiles loaded into tenant {tenant}" in ended.stdout
    with serving(address, tmp_path) as service:
        for profile in Random(7).sample(generated, SAMPLE):
            path = f"/profiles/{profile['customer_id']}?extensions=*"
            answer = service.send("GET", path, X_Genesys_TenantId=str(tenant))
            assert answer.json == with_defaults(profile)


def with_defaults(profile: dict[str, Any]) -> dict[str, Any]:
    phones = [{"PhoneType": 0, **record} for record in profile.get("Phone", [])]
    return profile | ({"Phone": phones} if phones else {})


def test_refused_lines_are_reported_and_the_others_are_loaded(
    load: Load, dao: ProfileDao, tmp_path: Path
) -> None:
    tenant = a_tenant()
    good = {"customer_id": "good", "FirstName": "Bruce"}
    long = {"FirstName": "x" * 1024 * 1024}
    file = write_lines(tmp_path / "f.ndjson", {"DOB": "x", "Foo": 1}, "", "{", good, long)
    ended = load(file, tenant)
    assert ended.returncode == 1
    assert "1 profiles loaded" in ended.stdout
    assert "3 lines were refused, see " in ended.stderr
    report = (tmp_path / "f.ndjson.refused.ndjson").read_text().splitlines()
    assert [json.loads(line)["line"] for line in report] == [1, 3, 5]
    pointers = [error["pointer"] for error in json.loads(report[0])["errors"]]
    assert pointers == ["/DOB", "/Foo"]
    assert dao.get(ProfileKey(tenant, "good")) is not None


def test_lines_of_any_length_are_refused_in_their_place(
    load: Load, dao: ProfileDao, tmp_path: Path
) -> None:
    """Also one that begins as a blank one would."""
    tenant, good = a_tenant(), '{"customer_id": "good", "FirstName": "Bruce"}'
    longest = 1024 * 1024
    lines = ["x" * 5 * longest, " " * longest + good, good, " " * (longest - 1), "y" * 3 * longest]
    ended = load(write_lines(tmp_path / "f.ndjson", *lines), tenant)
    assert "1 profiles loaded" in ended.stdout
    report = (tmp_path / "f.ndjson.refused.ndjson").read_text().splitlines()
    assert [json.loads(line)["line"] for line in report] == [1, 2, 5]
    assert all("is longer than 1048576 bytes" in line for line in report)
    assert dao.get(ProfileKey(tenant, "good")) is not None


def test_a_load_overwrites_whole_profiles(load: Load, dao: ProfileDao, tmp_path: Path) -> None:
    key = ProfileKey(a_tenant(), "one")
    first = {"customer_id": "one", "FirstName": "Bruce", "Address": {"City": "Hollywood"}}
    load(write_lines(tmp_path / "1.ndjson", first), key.tenant)
    load(write_lines(tmp_path / "2.ndjson", {"customer_id": "one", "Title": "Dr"}), key.tenant)
    stored = dao.get(key, ["Address"])
    assert stored is not None
    assert (stored.attributes, stored.extensions) == (b'{"Title":"Dr"}', {})
    assert stored.version.number == 2


def test_a_load_that_was_killed_goes_on_where_it_stopped(
    address: EmbeddedStore | CassandraStore, load: Load, dao: ProfileDao, tmp_path: Path
) -> None:
    tenant, generated = a_tenant(), list(profiles(4_000))
    file = write_lines(tmp_path / "killed.ndjson", *generated)
    progress = tmp_path / "killed.ndjson.progress"
    with loading(file, tenant, address) as process:
        wait_until(progress.exists)
        workers = children(process)
        process.send_signal(signal.SIGKILL)
    assert len(workers) == 3
    wait_until(lambda: not any(map(is_running, workers)))
    lines = json.loads(progress.read_text())["lines"]
    assert 0 < lines < len(generated)
    ended = load(file, tenant)
    assert ended.returncode == 0, ended.stderr
    assert f"going on after line {lines}" in ended.stderr
    assert not progress.exists()
    for profile in islice(generated, 0, None, 50):
        assert dao.get(ProfileKey(tenant, profile["customer_id"])) is not None


@contextmanager
def loading(
    file: Path, tenant: int, address: EmbeddedStore | CassandraStore
) -> Iterator[subprocess.Popen[str]]:
    """A load by three processes, waited for at the end."""
    command = [PROFILES, "load", str(file), "--tenant", str(tenant), "--processes", "3"]
    with subprocess.Popen(
        command,
        env=environment(PROFILES_STORE=store_url(address)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        yield process


def children(process: subprocess.Popen[str]) -> list[int]:
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(pid) for pid in found.split()]


def is_running(pid: int) -> bool:
    """Also one that nobody has waited for does not run any more: it has no command line."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    return False


def test_a_load_whose_process_dies_ends_in_one_sentence_and_can_go_on(
    address: EmbeddedStore | CassandraStore, load: Load, dao: ProfileDao, tmp_path: Path
) -> None:
    tenant, generated = a_tenant(), list(profiles(4_000))
    file = write_lines(tmp_path / "died.ndjson", *generated)
    with loading(file, tenant, address) as process:
        wait_until((tmp_path / "died.ndjson.progress").exists)
        os.kill(children(process)[1], signal.SIGKILL)
        told = process.communicate()[1].splitlines()
    assert process.returncode == 1
    assert told[-1].startswith("Error: A process that loads profiles has died; the same command")
    ended = load(file, tenant)
    assert ended.returncode == 0, ended.stderr
    assert "4000 profiles loaded" in ended.stdout
    for profile in islice(generated, 0, None, 50):
        assert dao.get(ProfileKey(tenant, profile["customer_id"])) is not None


def test_a_load_that_is_interrupted_says_that_it_can_go_on(
    address: EmbeddedStore | CassandraStore, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "f.ndjson", *profiles(4_000))
    with loading(file, a_tenant(), address) as process:
        wait_until((tmp_path / "f.ndjson.progress").exists)
        workers = children(process)
        process.send_signal(signal.SIGINT)
        told = process.communicate()[1]
    assert process.returncode == 130
    assert told.splitlines()[-1] == "interrupted; the same command goes on from here"
    assert not any(map(is_running, workers))


def test_of_several_lines_of_one_profile_the_last_one_wins(
    load: Load, dao: ProfileDao, tmp_path: Path
) -> None:
    key = ProfileKey(a_tenant(), "one")
    lines = [{"customer_id": "one", "FirstName": str(number)} for number in range(300)]
    others = [{"FirstName": str(number)} for number in range(300)]
    mixed = [each for pair in zip(lines, others, strict=True) for each in pair]
    assert load(write_lines(tmp_path / "f.ndjson", *mixed), key.tenant).returncode == 0
    stored = dao.get(key)
    assert stored is not None
    assert (stored.attributes, stored.version.number) == (b'{"FirstName":"299"}', 300)


def test_the_report_of_a_load_that_goes_on_has_each_refusal_once(
    load: Load, address: EmbeddedStore | CassandraStore, tmp_path: Path
) -> None:
    """As after a crash between the report of a chunk and its checkpoint."""
    tenant, file = a_tenant(), write_lines(tmp_path / "f.ndjson", *[{"Foo": 1}] * 600)
    load(file, tenant)
    report = tmp_path / "f.ndjson.refused.ndjson"
    whole = report.read_bytes()
    end = whole.index(b'{"line":501,')
    store = store_address(store_url(address))
    status = file.stat()
    done = {
        "source": f"{status.st_size} bytes, {status.st_mtime_ns}, tenant {tenant}, {store}",
        "lines": 500,
        "end": 500 * len(b'{"Foo": 1}\n'),
        "refused": 500,
        "report": end,
    }
    (tmp_path / "f.ndjson.progress").write_text(json.dumps(done))
    ended = load(file, tenant)
    assert "going on after line 500" in ended.stderr
    assert report.read_bytes() == whole


def test_lines_without_an_id_make_the_same_profiles_when_loaded_again(
    load: Load, address: EmbeddedStore | CassandraStore, tmp_path: Path
) -> None:
    tenant = a_tenant()
    file = write_lines(tmp_path / "f.ndjson", {"FirstName": "A"}, {"FirstName": "A"})
    for _ in range(2):
        assert load(file, tenant).returncode == 0
    assert len(set(live_ids(address, tenant))) == 2


def live_ids(address: EmbeddedStore | CassandraStore, tenant: int) -> list[str]:
    if isinstance(address, EmbeddedStore):
        file = connect(address.path)
        rows = file.execute("SELECT customer_id FROM profile WHERE tenant = ?", (tenant,))
        return [str(row[0]) for row in rows]
    connection = Connection(address)
    cql = "SELECT customer_id FROM profile WHERE tenant = :tenant ALLOW FILTERING"
    ids = [str(row[0]) for row in connection.read(cql, {"tenant": tenant})]
    connection.close()
    return ids


def test_a_file_that_changed_since_its_load_was_interrupted_is_refused(
    load: Load, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "f.ndjson", {"FirstName": "A"})
    (tmp_path / "f.ndjson.progress").write_text('{"source":"another","lines":1,"end":1}')
    ended = load(file, a_tenant())
    assert ended.returncode == 1
    assert "was changed since it was loaded in part" in ended.stderr
    assert "f.ndjson.progress to start again" in ended.stderr


@pytest.mark.parametrize("text", ["", "{", "[]", '{"size":1}'])
def test_a_checkpoint_that_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    file = write_lines(tmp_path / "f.ndjson", {"FirstName": "A"})
    (tmp_path / "f.ndjson.progress").write_text(text)
    ended = run("load", str(file), PROFILES_STORE=f"sqlite:///{tmp_path}/none.db")
    assert ended.returncode == 1
    assert "f.ndjson.progress cannot be read; remove it" in ended.stderr


def test_a_store_that_is_away_stops_the_load_in_one_sentence(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "f.ndjson", {"FirstName": "A"})
    ended = run("load", str(file), PROFILES_STORE=f"sqlite:///{tmp_path}/none.db")
    assert ended.returncode == 3
    assert ended.stderr.splitlines()[-1].startswith("Error: The store cannot be used")

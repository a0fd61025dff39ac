"""``profiles export --whole``, ``load`` and ``digest``, as a person or a job runs them."""

import hashlib
import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app import stores
from app.services.backup_lines import end_line
from app.settings import CassandraStore, EmbeddedStore, StoreAddress, store_address
from examples.generate_profiles import profiles
from tests.conftest import drop_keyspace
from tests.process.test_load import write_lines
from tests.support.server import PROFILES, ROOT, environment, run, store_url, wait_until
from tests.support.terminal import on_a_terminal

MANY = 600
FEW = 20
OF_BOTH = {"tenants": [1, 7], "unchanged": 0, "left": []}


def told(*arguments: str, on: StoreAddress, code: int = 0) -> Any:
    """What a command tells with ``--json``."""
    ended = run(*arguments, "--json", PROFILES_STORE=store_url(on))
    assert ended.returncode == code, ended.stdout + ended.stderr
    return json.loads(ended.stdout) if ended.stdout else ended.stderr


def prepared(path: Path) -> EmbeddedStore:
    address = EmbeddedStore(path)
    stores.migrate(address)
    return address


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    """Two tenants; the profiles of one have two versions each."""
    folder = tmp_path_factory.mktemp("source")
    address = prepared(folder / "source.db")
    for tenant, count, times in (("1", MANY, 2), ("7", FEW, 1)):
        file = write_lines(folder / "sample.ndjson", *profiles(count))
        for _ in range(times):
            told("load", str(file), "--tenant", tenant, on=address)
    return address


@pytest.fixture
def empty(tmp_path: Path) -> EmbeddedStore:
    return prepared(tmp_path / "empty.db")


@pytest.fixture
def keyspace(cassandra_host: str) -> Iterator[CassandraStore]:
    """One of a test, prepared."""
    address = store_address(f"cassandra://{cassandra_host}/backup_{uuid4().hex}")
    assert isinstance(address, CassandraStore)
    stores.migrate(address)
    yield address
    drop_keyspace(address)


def test_a_backup_goes_over_cassandra_into_another_file_and_the_digests_are_equal(
    source: EmbeddedStore, keyspace: CassandraStore, empty: EmbeddedStore, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    digest = told("digest", on=source)
    counts = [(each["tenant"], each["profiles"], each["versions"]) for each in digest["tenants"]]
    assert counts == [(1, MANY, 2 * MANY), (7, FEW, FEW)]
    for here, file, there in ((source, first, keyspace), (keyspace, second, empty)):
        written = told("export", str(file), "--whole", on=here)
        assert written == {
            "tenants": [1, 7],
            "exported": MANY + FEW,
            "bytes": file.stat().st_size,
            "digest": digest["digest"],
        }
        assert told("digest", str(file), on=empty) == digest
        assert told("load", str(file), on=there) == OF_BOTH | {"loaded": MANY + FEW}
        assert told("digest", on=there) == digest
    assert not list(tmp_path.glob("*.progress*"))


def test_one_tenant_can_be_written_loaded_and_compared(
    source: EmbeddedStore, empty: EmbeddedStore, tmp_path: Path
) -> None:
    file, of_both = tmp_path / "one.ndjson", tmp_path / "both.ndjson"
    told("export", str(file), "--whole", "--tenant", "7", on=source)
    told("export", str(of_both), "--whole", on=source)
    digests = [
        told("digest", "--tenant", "7", on=source),
        told("digest", str(file), on=source),
        told("digest", str(of_both), "--tenant", "7", on=source),
    ]
    told("load", str(of_both), "--tenant", "7", on=empty)
    assert digests == [told("digest", on=empty)] * 3
    refused = told("load", str(file), "--tenant", "1", on=empty, code=1)
    assert refused == "Error: There is no tenant 1 in the source.\n"


def test_only_its_owner_may_read_what_is_exported(source: EmbeddedStore, tmp_path: Path) -> None:
    for options in ([], ["--whole"]):
        file = tmp_path / f"{len(options)}.ndjson"
        told("export", str(file), "--tenant", "7", *options, on=source)
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_backup_can_be_piped(source: EmbeddedStore, tmp_path: Path) -> None:
    ended = run("export", "--whole", PROFILES_STORE=store_url(source))
    assert ended.returncode == 0, ended.stderr
    file = tmp_path / "piped.ndjson"
    file.write_text(ended.stdout)
    digest = told("digest", str(file), on=source)
    assert digest == told("digest", on=source)
    assert digest["digest"] in ended.stderr


def test_a_person_reads_a_line_for_each_tenant(source: EmbeddedStore) -> None:
    ended = run("digest", PROFILES_STORE=store_url(source))
    lines = [line.split("  ") for line in ended.stdout.splitlines()]
    assert [text for _, text in lines] == [
        f"tenant 1: {MANY} profiles, 0 deleted, 0 merged, {2 * MANY} versions",
        f"tenant 7: {FEW} profiles, 0 deleted, 0 merged, {FEW} versions",
        "all 2 tenants",
    ]
    assert {len(digest) for digest, _ in lines} == {64}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_backup_that_was_stopped_goes_on(
    source: EmbeddedStore, tmp_path: Path, number: int
) -> None:
    file, progress = tmp_path / "out.ndjson", tmp_path / "out.ndjson.progress"
    arguments = ["export", str(file), "--whole", "--threads", "1"]
    process = subprocess.Popen(
        [PROFILES, *arguments],
        env=environment(PROFILES_STORE=store_url(source)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    wait_until(lambda: progress.exists() and json.loads(progress.read_text())["met"])
    process.send_signal(number)
    shown = process.communicate()[1]
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert shown.endswith("interrupted; the same command goes on from here\n")
    refused = told("digest", str(file), on=source, code=1)
    assert "was changed or cut off" in refused
    with file.open("ab") as torn:
        torn.write(b'{"$line":"vers')
    ended = run(*arguments, PROFILES_STORE=store_url(source))
    assert ended.returncode == 0, ended.stderr
    assert "going on after" in ended.stderr
    assert told("digest", str(file), on=source) == told("digest", on=source)


def test_a_load_that_was_interrupted_goes_on(
    source: EmbeddedStore, empty: EmbeddedStore, tmp_path: Path
) -> None:
    file, output = tmp_path / "out.ndjson", tmp_path / "told"
    told("export", str(file), "--whole", on=source)
    settings = {"PROFILES_STORE": store_url(empty)}
    with on_a_terminal("load", str(file), output=output, **settings) as terminal:
        wait_until(lambda: " left" in terminal.shown.partition("loading")[2])
        terminal.interrupt()
        assert terminal.end() == 130
        assert "the same command goes on from here" in terminal.shown
    rest = told("load", str(file), on=empty)
    assert rest["loaded"] + rest["unchanged"] == MANY + FEW
    assert rest["unchanged"] > 0
    assert told("digest", on=empty) == told("digest", on=source)


def test_a_backup_with_a_false_profile_is_refused_by_its_line_and_nothing_is_stored(
    source: EmbeddedStore, empty: EmbeddedStore, tmp_path: Path
) -> None:
    file = tmp_path / "out.ndjson"
    told("export", str(file), "--whole", on=source)
    *lines, _ = file.read_bytes().splitlines(keepends=True)
    number = next(each for each, line in enumerate(lines) if b'"$line":"profile"' in line)
    head, _, _ = lines[number].partition(b'"attributes":')
    lines[number] = head + b'"attributes":[1,2],"extensions":{}}\n'
    text = b"".join(lines)
    file.write_bytes(text + end_line(hashlib.sha256(text).hexdigest()))
    for command in ("load", "digest"):
        refused = told(command, str(file), on=empty, code=1)
        what = "/attributes: must be an object."
        assert refused == (
            f"Error: {file} is no backup that can be used: line {number + 1}: {what}\n"
        )
    assert told("digest", on=empty)["tenants"] == []


def test_a_damaged_backup_is_refused_and_nothing_is_stored(
    source: EmbeddedStore, empty: EmbeddedStore, tmp_path: Path
) -> None:
    file = tmp_path / "out.ndjson"
    told("export", str(file), "--whole", on=source)
    file.write_bytes(file.read_bytes().replace(b'"LastName":"', b'"LastName":"X', 1))
    refused = told("load", str(file), on=empty, code=1)
    assert refused.startswith(f"Error: {file} is no backup that can be used: it was changed")
    assert told("digest", on=empty)["tenants"] == []


@pytest.mark.parametrize("options", [[], ["--whole", "--tenant", "7"]])
def test_a_file_that_is_there_for_another_reason_is_left(
    source: EmbeddedStore, tmp_path: Path, options: list[str]
) -> None:
    file = write_lines(tmp_path / "out.ndjson", {})
    refused = told("export", str(file), *options, on=source, code=1)
    assert "is there already" in refused
    begun = {"source": "another", "total": 5, "met": 1, "end": 3}
    (tmp_path / "out.ndjson.progress").write_text(json.dumps(begun))
    refused = told("export", str(file), *options, on=source, code=1)
    assert "was begun from another tenant or store" in refused
    assert file.read_text() == "{}\n"


def test_a_half_written_backup_that_was_changed_is_not_gone_on_with(
    source: EmbeddedStore, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "out.ndjson", {})
    begun = {
        "source": f"backup of all tenants, {source}",
        "total": 5,
        "met": 1,
        "end": 3,
        "tenant": 1,
        "tag": str(uuid4()),
    }
    (tmp_path / "out.ndjson.progress").write_text(json.dumps(begun))
    refused = told("export", str(file), "--whole", on=source, code=1)
    assert f"{file} is no backup that can be used" in refused

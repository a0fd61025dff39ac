"""``profiles export`` and ``copy``: what they write is read back, and interruptions do no harm."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app import stores
from app.settings import EmbeddedStore, StoreAddress
from examples.generate_profiles import profiles
from schemas.reader import read_definition
from tests.process.test_load import write_lines
from tests.support.creators import a_tenant
from tests.support.server import PROFILES, ROOT, environment, run, store_url, wait_until
from tests.support.terminal import on_a_terminal

MANY = 1_500


@pytest.fixture(scope="module")
def tenant(address: Any, tmp_path_factory: pytest.TempPathFactory) -> int:
    """A tenant with many profiles."""
    tenant = a_tenant()
    file = tmp_path_factory.mktemp("sample") / "sample.ndjson"
    write_lines(file, *profiles(MANY))
    ended = run("load", str(file), "--tenant", str(tenant), PROFILES_STORE=store_url(address))
    assert ended.returncode == 0, ended.stderr
    return tenant


@pytest.fixture
def empty(tmp_path: Path) -> EmbeddedStore:
    address = EmbeddedStore(tmp_path / "empty.db")
    stores.migrate(address)
    return address


def exported(address: StoreAddress, tenant: int) -> list[str]:
    ended = run("export", "--tenant", str(tenant), PROFILES_STORE=store_url(address))
    assert ended.returncode == 0, ended.stderr
    return sorted(ended.stdout.splitlines())


def test_what_was_exported_is_loaded_as_it_was(
    address: Any, tenant: int, empty: EmbeddedStore, tmp_path: Path
) -> None:
    file, definition = tmp_path / "out.ndjson", tmp_path / "out.yaml"
    ended = run(
        *("export", str(file), "--tenant", str(tenant), "--definition", str(definition), "--json"),
        PROFILES_STORE=store_url(address),
    )
    told = json.loads(ended.stdout)
    assert told == {"tenant": tenant, "exported": MANY, "bytes": file.stat().st_size}
    assert [each.name for each in read_definition(definition.read_text()).extensions]
    loaded = run("load", str(file), "--tenant", "1", PROFILES_STORE=store_url(empty))
    assert loaded.returncode == 0, loaded.stderr
    assert exported(empty, 1) == sorted(file.read_text().splitlines())
    assert not list(tmp_path.glob("*.progress*"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_export_that_was_stopped_goes_on_and_has_each_profile_once(
    address: Any, tenant: int, tmp_path: Path, number: int
) -> None:
    file = tmp_path / "out.ndjson"
    arguments = ["export", str(file), "--tenant", str(tenant), "--threads", "1"]
    settings = {"PROFILES_STORE": store_url(address)}
    process = subprocess.Popen(
        [PROFILES, *arguments],
        env=environment(**settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    progress = tmp_path / "out.ndjson.progress"
    wait_until(lambda: progress.exists() and json.loads(progress.read_text())["met"])
    process.send_signal(number)
    told = process.communicate()[1]
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert told.endswith("interrupted; the same command goes on from here\n")
    with file.open("ab") as torn:
        torn.write(b'{"customer_id": "torn')
    ended = run(*arguments, **settings)
    assert ended.returncode == 0, ended.stderr
    assert "going on after" in ended.stderr
    assert f"{MANY} profiles of tenant {tenant} exported" in ended.stdout
    assert sorted(file.read_text().splitlines()) == exported(address, tenant)


def test_a_file_that_is_there_is_not_overwritten(address: Any, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "out.ndjson", {})
    ended = run("export", str(file), PROFILES_STORE=store_url(address))
    assert ended.returncode == 1
    assert "is there already" in ended.stderr
    assert file.read_text() == "{}\n"


def test_a_file_that_was_begun_from_another_store_is_refused(address: Any, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "out.ndjson", {})
    done = {"source": "another", "total": 5, "met": 1, "end": 3}
    (tmp_path / "out.ndjson.progress").write_text(json.dumps(done))
    ended = run("export", str(file), PROFILES_STORE=store_url(address))
    assert ended.returncode == 1
    assert "was begun from another tenant or store" in ended.stderr


def test_all_is_copied_there_and_back(address: Any, tenant: int, tmp_path: Path) -> None:
    """Into a file that is made for it."""
    there = EmbeddedStore(tmp_path / "new" / "there.db")
    of_tenant = ("--tenant", str(tenant), "--json")
    first = run("copy", store_url(address), store_url(there), *of_tenant)
    assert first.returncode == 0, first.stderr
    told = {"tenants": [tenant], "copied": MANY, "unchanged": 0, "left": []}
    assert json.loads(first.stdout) == told
    again = run("copy", store_url(there), store_url(address), *of_tenant)
    assert json.loads(again.stdout) == told | {"copied": 0, "unchanged": MANY}
    assert exported(there, tenant) == exported(address, tenant)


def test_a_copy_that_was_interrupted_goes_on(
    embedded_address: EmbeddedStore, cassandra_address: Any, tmp_path: Path
) -> None:
    source, output = EmbeddedStore(tmp_path / "source.db"), tmp_path / "told"
    stores.migrate(source)
    tenant = str(a_tenant())
    file = write_lines(tmp_path / "sample.ndjson", *profiles(1000))
    run("load", str(file), "--tenant", tenant, PROFILES_STORE=store_url(source))
    urls = (store_url(source), store_url(cassandra_address))
    with on_a_terminal("copy", *urls, output=output) as terminal:
        wait_until(lambda: " left" in terminal.shown)
        terminal.interrupt()
        assert terminal.end() == 130
        assert "the same command goes on from here" in terminal.shown
    ended = run("copy", *urls)
    assert ended.returncode == 0, ended.stderr
    assert exported(cassandra_address, int(tenant)) == exported(source, int(tenant))


def test_a_bar_with_rate_and_time_left_is_shown_on_a_terminal_and_goes_on_after_ctrl_c(
    empty: EmbeddedStore, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "many.ndjson", *profiles(4000))
    settings, output = {"PROFILES_STORE": store_url(empty)}, tmp_path / "told"
    with on_a_terminal("load", str(file), output=output, **settings) as terminal:
        wait_until(lambda: " left" in terminal.shown)
        terminal.interrupt()
        assert terminal.end() == 130
    assert "\x1b[" in terminal.shown
    assert "/s, 0:0" in terminal.shown
    assert "Traceback" not in terminal.shown
    with on_a_terminal("load", str(file), output=output, **settings) as terminal:
        assert terminal.end() == 0
    assert "going on after line" in terminal.shown
    assert "100%" in terminal.shown
    assert output.read_text() == "4000 profiles loaded into tenant 1\n"
    assert len(exported(empty, 1)) == 4000


def test_where_there_is_no_terminal_nothing_is_drawn(empty: EmbeddedStore, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "few.ndjson", *profiles(10))
    ended = run("load", str(file), PROFILES_STORE=store_url(empty))
    assert (ended.stdout, ended.stderr) == ("10 profiles loaded into tenant 1\n", "")


def test_profiles_can_be_piped_from_one_store_into_another(
    address: Any, tenant: int, tmp_path: Path
) -> None:
    ended = run("export", "--tenant", str(tenant), PROFILES_STORE=store_url(address))
    assert f"{MANY} profiles of tenant {tenant} exported{os.linesep}" in ended.stderr
    assert len(ended.stdout.splitlines()) == MANY

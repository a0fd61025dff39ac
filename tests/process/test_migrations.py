"""Migrating: by several processes at once, after failures, and of changed files."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.dao.cassandra.connection import open_session
from app.dao.cassandra.migrations.files import Migration, read_migrations
from app.dao.cassandra.migrations.lock import held
from app.dao.cassandra.migrations.runner import migrate, states
from app.dao.embedded.connection import connect
from app.dao.embedded.migrations import migrate as migrate_embedded
from app.dao.embedded.migrations import states as embedded_states
from app.dao.errors import MigrationStopped
from app.dao.status import Stage
from app.settings import CassandraStore
from tests.conftest import drop_keyspace
from tests.support.server import ROOT, wait_until

PROCESSES = 3
MANY_PROCESSES = 8
EMBEDDED = ["0001_profile", "0002_identity", "0003_receipt"]
COUNTER = Migration(
    1, "0001_counter", "CREATE TABLE IF NOT EXISTS counted (k int PRIMARY KEY, n counter);"
)
COUNT = Migration(2, "0002_count", "UPDATE counted SET n = n + 1 WHERE k = 1;")
BROKEN = Migration(
    3,
    "0003_broken",
    "UPDATE counted SET n = n + 10 WHERE k = 1; INSERT INTO nowhere (k) VALUES (1);",
)
MIGRATE_FOLDER = """
import sys
from pathlib import Path
from app.dao.cassandra.migrations.files import read_migrations
from app.dao.cassandra.migrations.runner import migrate, states
from app.settings import store_address
print(*migrate(store_address(sys.argv[1]), read_migrations(Path(sys.argv[2]))))
"""


@pytest.fixture
def fresh(keyspace_address: CassandraStore) -> Iterator[CassandraStore]:
    """The address of a keyspace that is not there yet."""
    address = replace(keyspace_address, keyspace=f"test_{uuid4().hex}")
    yield address
    drop_keyspace(address)


@pytest.fixture
def counted(fresh: CassandraStore) -> Callable[[], int]:
    return lambda: query(fresh, "SELECT n FROM counted WHERE k = 1")[0][0]


def query(address: CassandraStore, cql: str) -> list[Any]:
    cluster, session = open_session(address, address.keyspace)
    rows = list(session.execute(cql))
    cluster.shutdown()
    return rows


@pytest.mark.parametrize("attempt", range(2))
def test_processes_that_migrate_at_once_apply_each_migration_exactly_once(
    fresh: CassandraStore, counted: Callable[[], int], tmp_path: Path, attempt: int
) -> None:
    for migration in (COUNTER, COUNT):
        (tmp_path / f"{migration.name}.cql").write_text(migration.text)
    url = f"cassandra://{fresh.hosts[0]}:{fresh.port}/{fresh.keyspace}"
    command = [sys.executable, "-c", MIGRATE_FOLDER, url, str(tmp_path)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(PROCESSES)
    ]
    applied = [name for process in running for name in process.communicate()[0].split()]
    assert [process.returncode for process in running] == [0] * PROCESSES
    assert sorted(applied) == ["0001_counter", "0002_count"]
    assert counted() == 1


def test_migrating_again_applies_nothing(
    fresh: CassandraStore, counted: Callable[[], int]
) -> None:
    assert migrate(fresh, [COUNTER, COUNT]) == ("0001_counter", "0002_count")
    assert migrate(fresh, [COUNTER, COUNT]) == ()
    assert counted() == 1


def stages(address: CassandraStore, *migrations: Migration) -> list[Stage]:
    return [state.stage for state in states(address, migrations)]


def test_the_states_are_told_and_nothing_is_changed(fresh: CassandraStore) -> None:
    assert stages(fresh, COUNTER, COUNT) == [Stage.PENDING, Stage.PENDING]
    before = datetime.now(UTC) - timedelta(seconds=5)
    migrate(fresh, [COUNTER])
    assert stages(fresh, COUNTER, COUNT) == [Stage.APPLIED, Stage.PENDING]
    applied_at = states(fresh, [COUNTER])[0].applied_at
    assert applied_at is not None
    assert applied_at > before
    assert migrate(fresh, [COUNTER, COUNT]) == ("0002_count",)


def test_in_a_keyspace_without_tables_all_are_pending(fresh: CassandraStore) -> None:
    cluster, session = open_session(fresh, None)
    session.execute(
        f"CREATE KEYSPACE {fresh.keyspace} WITH replication ="
        " {'class': 'SimpleStrategy', 'replication_factor': 1}"
    )
    cluster.shutdown()
    assert stages(fresh, COUNTER, COUNT) == [Stage.PENDING, Stage.PENDING]


def test_a_file_that_was_changed_after_it_was_applied_is_refused(fresh: CassandraStore) -> None:
    migrate(fresh, [COUNTER])
    changed = replace(COUNTER, text=COUNTER.text + "-- and more")
    with pytest.raises(MigrationStopped, match="was changed after it was applied"):
        migrate(fresh, [changed, COUNT])
    assert stages(fresh, changed, COUNT) == [Stage.CHANGED, Stage.PENDING]
    assert "put it back" in states(fresh, [changed])[0].obstacle


def test_an_unfinished_migration_goes_on_only_when_told_and_from_where_it_stopped(
    fresh: CassandraStore, counted: Callable[[], int]
) -> None:
    migrate(fresh, [COUNTER, COUNT])
    with pytest.raises(MigrationStopped, match="Cassandra refused a statement"):
        migrate(fresh, [COUNTER, COUNT, BROKEN])
    mended = replace(BROKEN, text=BROKEN.text.replace("nowhere", "somewhere"))
    with pytest.raises(MigrationStopped, match="left unfinished in statement 2"):
        migrate(fresh, [COUNTER, COUNT, mended])
    assert stages(fresh, COUNTER, COUNT, mended)[2] is Stage.UNFINISHED
    query(fresh, "CREATE TABLE somewhere (k int PRIMARY KEY)")
    assert migrate(fresh, [COUNTER, COUNT, mended], resume=True) == ("0003_broken",)
    assert counted() == 11
    assert migrate(fresh, [COUNTER, COUNT, mended]) == ()


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE counted (k int PRIMARY KEY);", "CREATE NONSENSE;", "DROP TABLE no;"],
)
def test_a_statement_that_cassandra_refuses_is_told_as_that(
    fresh: CassandraStore, statement: str
) -> None:
    with pytest.raises(MigrationStopped, match="Cassandra refused a statement"):
        migrate(fresh, [COUNTER, Migration(2, "0002_refused", statement)])


def test_the_lock_of_a_dead_process_is_taken_when_its_time_is_over(
    fresh: CassandraStore, counted: Callable[[], int]
) -> None:
    migrate(fresh, [COUNTER])
    lock = "INSERT INTO schema_lock (name, owner) VALUES ('migrations', uuid())"
    query(fresh, f"{lock} IF NOT EXISTS USING TTL 2")
    assert migrate(fresh, [COUNTER, COUNT]) == ("0002_count",)
    assert counted() == 1


def test_a_held_lock_is_renewed_before_its_time_is_over(fresh: CassandraStore) -> None:
    migrate(fresh, [COUNTER])
    cluster, session = open_session(fresh, fresh.keyspace)
    owner = uuid4()
    written = "SELECT owner, WRITETIME(owner) FROM schema_lock"
    with held(session, owner, ttl=3) as lock:
        first = session.execute(written).one()[1]
        wait_until(lambda: session.execute(written).one()[1] > first)
        lock.check()
        assert session.execute(written).one()[0] == owner
    assert session.execute(written).one() is None
    cluster.shutdown()


def test_the_tables_of_this_release_are_made_by_its_own_files(fresh: CassandraStore) -> None:
    names = tuple(migration.name for migration in read_migrations())
    assert migrate(fresh) == names
    compaction = query(
        replace(fresh, keyspace="system_schema"),
        f"SELECT compaction FROM tables WHERE keyspace_name = '{fresh.keyspace}'"
        " AND table_name = 'profile'",
    )[0][0]
    assert compaction["scaling_parameters"] == "L4"


def test_processes_that_prepare_one_file_at_once_apply_each_step_once(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "profiles.db"
    code = (
        "import sys; from pathlib import Path; from app.dao.embedded.migrations import migrate;"
        " print(*migrate(Path(sys.argv[1])))"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for _ in range(MANY_PROCESSES)
    ]
    applied = [name for process in running for name in process.communicate()[0].split()]
    assert [process.returncode for process in running] == [0] * MANY_PROCESSES
    assert applied == EMBEDDED
    assert [state.stage for state in embedded_states(path)] == [Stage.APPLIED] * len(EMBEDDED)


def test_a_file_that_a_later_release_prepared_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "profiles.db"
    migrate_embedded(path)
    connection = connect(path)
    connection.pragma("user_version", 99)
    assert migrate_embedded(path) == ()
    assert connection.pragma("user_version") == 99
    connection.close()


def test_telling_the_states_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "profiles.db"
    pending = [(name, Stage.PENDING) for name in EMBEDDED]
    assert [(state.name, state.stage) for state in embedded_states(path)] == pending
    assert not path.exists()
    path.touch()
    assert [(state.name, state.stage) for state in embedded_states(path)] == pending
    assert connect(path).execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)

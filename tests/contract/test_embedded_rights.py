"""Who may read the embedded store: its file, and what SQLite keeps beside it."""

import os
from pathlib import Path

import pytest

from app.dao.embedded.connection import connect
from app.dao.embedded.examination import examine
from app.dao.embedded.migrations import migrate
from app.dao.findings import Level

ROWS = "INSERT INTO document VALUES (1, 'a', 'b', x'00', NULL, x'00')"


def rights(path: Path) -> dict[str, int]:
    found = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
    return {name.removeprefix(path.name): mode for name, mode in found.items()}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_its_owner_may_read_a_new_store(tmp_path: Path, umask: int) -> None:
    path, before = tmp_path / "profiles.db", os.umask(umask)
    try:
        migrate(path)
        connection = connect(path)
        connection.execute(ROWS)
    finally:
        os.umask(before)
    assert rights(path) == {"": 0o600, "-wal": 0o600, "-shm": 0o600}
    connection.close()


@pytest.mark.parametrize(
    ("before", "after"),
    [(0o644, 0o600), (0o640, 0o600), (0o604, 0o600), (0o664, 0o660), (0o660, 0o660)],
)
def test_a_store_of_an_earlier_release_is_closed_to_whom_nobody_let_in(
    tmp_path: Path, before: int, after: int
) -> None:
    """Who lets a group work with the file gives it the right to write; SQLite never does."""
    path = tmp_path / "profiles.db"
    migrate(path)
    connection = connect(path)
    connection.execute(ROWS)
    for name in ("", "-wal", "-shm"):
        (tmp_path / f"profiles.db{name}").chmod(before)
    migrate(path)
    assert rights(path) == dict.fromkeys(("", "-wal", "-shm"), after)
    assert connection.execute("SELECT count(*) FROM document").fetchall() == [(1,)]
    connection.close()


def test_a_new_store_at_the_end_of_a_link_is_as_private(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "profiles.db").symlink_to(tmp_path / "disk" / "file.db")
    migrate(tmp_path / "profiles.db")
    assert rights(tmp_path / "disk" / "file.db") == {"": 0o600}


def test_a_store_that_others_may_read_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "profiles.db"
    migrate(path)
    connection = connect(path)
    for mode, level in ((0o600, Level.OK), (0o660, Level.OK), (0o644, Level.WARNING)):
        path.chmod(mode)
        found = [each for each in examine(path, connection) if each.subject == "rights"]
        assert [each.level for each in found] == [level]
    connection.close()

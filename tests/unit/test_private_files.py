"""Files that commands write: never those of others, and never through links."""

import os
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from app.commands.checkpoint import checkpoint_of, read_checkpoint, save_checkpoint
from app.commands.private_files import open_at, open_new, read_private, replace_private

TEXT = b"of somebody else"


def linked(path: Path, other: Path) -> None:
    path.symlink_to(other)


def linked_to_nothing(path: Path, other: Path) -> None:
    path.symlink_to(other.with_name("missing"))


def with_two_names(path: Path, other: Path) -> None:
    path.hardlink_to(other)


def a_pipe(path: Path, _other: Path) -> None:
    os.mkfifo(path)


def a_folder(path: Path, _other: Path) -> None:
    path.mkdir()


Trap = Callable[[Path, Path], None]
TRAPS: list[Trap] = [linked, linked_to_nothing, with_two_names, a_pipe, a_folder]


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A file that nobody named."""
    file = tmp_path / "other"
    file.write_bytes(TEXT)
    return file


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize(
    "use", [open_new, lambda path: open_at(path, 0), lambda path: open_at(path, 3), read_private]
)
def test_what_is_no_file_of_ones_own_is_refused_and_left(
    tmp_path: Path, other: Path, trap: Trap, use: Callable[[Path], object]
) -> None:
    path = tmp_path / "file"
    trap(path, other)
    with pytest.raises(click.ClickException, match=r"file .*\."):
        use(path)
    assert other.read_bytes() == TEXT
    assert not (tmp_path / "missing").exists()


def test_a_file_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(TEXT)
    me = os.geteuid()
    monkeypatch.setattr("os.geteuid", lambda: me + 1)
    for use in (lambda: open_at(path, 0), lambda: read_private(path)):
        with pytest.raises(click.ClickException, match="belongs to another user"):
            use()
    assert path.read_bytes() == TEXT


def test_a_new_file_takes_the_place_of_none(tmp_path: Path, other: Path) -> None:
    with pytest.raises(click.ClickException, match="is there already"):
        open_new(other)
    with open_new(tmp_path / "new") as made:
        made.write(b"x")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


def test_a_file_is_gone_on_with_behind_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with open_at(path, 0) as target:
        target.write(b"abcdef")
    with open_at(path, 3) as target:
        target.write(b"x")
    assert path.read_bytes() == b"abcx"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(click.ClickException, match="is shorter"):
        open_at(path, 5)
    with pytest.raises(click.ClickException, match="is not there any more"):
        open_at(tmp_path / "gone", 1)
    assert path.read_bytes() == b"abcx"


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="cannot be opened: No such file"):
        open_new(tmp_path / "missing" / "file")


@pytest.mark.parametrize("trap", TRAPS[:4])
def test_a_file_is_replaced_whatever_lies_beside_it(
    tmp_path: Path, other: Path, trap: Trap
) -> None:
    path = tmp_path / "file"
    trap(tmp_path / "file.new", other)
    replace_private(path, b"first")
    trap(tmp_path / "file.new", other)
    replace_private(path, b"second")
    assert path.read_bytes() == b"second"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (other.read_bytes(), os.path.lexists(tmp_path / "file.new")) == (TEXT, False)


@pytest.mark.parametrize("name", ["file", "file.new"])
def test_what_cannot_be_replaced_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(click.ClickException, match="cannot be written: Is a directory"):
        replace_private(tmp_path / "file", b"x")


def test_a_link_in_the_place_of_a_checkpoint_is_neither_read_nor_followed(
    tmp_path: Path, other: Path
) -> None:
    file = tmp_path / "file"
    checkpoint_of(file).symlink_to(other)
    with pytest.raises(click.ClickException, match="is a link"):
        read_checkpoint(file, dict)
    save_checkpoint(file, {"a": 1})
    assert other.read_bytes() == TEXT
    assert read_checkpoint(file, dict) == {"a": 1}

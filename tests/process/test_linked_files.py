"""Links beside the files of commands, as whoever may write the folder can put them there."""

from pathlib import Path

import pytest

from app import stores
from app.settings import EmbeddedStore
from tests.process.test_load import write_lines
from tests.support.server import run, store_url

TEXT = "of somebody else"
BESIDE = (".refused.ndjson", ".progress", ".progress.new")


@pytest.fixture
def store(tmp_path: Path) -> dict[str, str]:
    address = EmbeddedStore(tmp_path / "store" / "profiles.db")
    stores.migrate(address)
    return {"PROFILES_STORE": store_url(address)}


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A file that nobody named."""
    file = tmp_path / "other"
    file.write_text(TEXT)
    return file


@pytest.mark.parametrize("beside", BESIDE)
def test_a_load_writes_through_no_link(
    store: dict[str, str], other: Path, tmp_path: Path, beside: str
) -> None:
    file = write_lines(tmp_path / "in.ndjson", {"FirstName": "A"}, {"Nope": 1})
    (tmp_path / f"in.ndjson{beside}").symlink_to(other)
    ended = run("load", str(file), **store)
    assert ended.returncode == 1
    assert other.read_text() == TEXT
    refused = "is a link, which is not followed" in ended.stderr
    assert refused == (beside != ".progress.new")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("options", [[], ["--whole"]])
@pytest.mark.parametrize("beside", ["", ".progress", ".progress.new"])
@pytest.mark.parametrize("leads", ["to a file", "nowhere"])
def test_an_export_writes_through_no_link(
    store: dict[str, str], other: Path, options: list[str], beside: str, leads: str
) -> None:
    tmp_path = other.parent
    target = other if leads == "to a file" else tmp_path / "missing"
    (tmp_path / f"out.ndjson{beside}").symlink_to(target)
    ended = run("export", str(tmp_path / "out.ndjson"), *options, **store)
    assert other.read_text() == TEXT
    assert not (tmp_path / "missing").exists()
    refused = "is a link, which is not followed" in ended.stderr
    assert (ended.returncode, refused) == ((0, False) if beside == ".progress.new" else (1, True))


def test_a_definition_is_exported_through_no_link(
    store: dict[str, str], other: Path, tmp_path: Path
) -> None:
    (tmp_path / "out.yaml").symlink_to(other)
    arguments = (
        "export",
        str(tmp_path / "out.ndjson"),
        "--definition",
        str(tmp_path / "out.yaml"),
    )
    ended = run(*arguments, **store)
    assert (ended.returncode, other.read_text()) == (1, TEXT)
    assert "out.yaml is a link" in ended.stderr


def test_only_its_owner_may_read_what_is_refused(store: dict[str, str], tmp_path: Path) -> None:
    file = write_lines(tmp_path / "in.ndjson", {"Nope": 1})
    run("load", str(file), **store)
    assert (tmp_path / "in.ndjson.refused.ndjson").stat().st_mode & 0o777 == 0o600

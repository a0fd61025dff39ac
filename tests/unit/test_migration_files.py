"""The migration files: numbers, names, checksums, variables."""

import hashlib
from pathlib import Path

import pytest

from app.dao.cassandra.migrations.files import FOLDER, Migration, read_migrations
from app.dao.errors import MigrationStopped


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.cql").write_text(text)


def a_migration(text: str) -> Migration:
    return Migration(1, "0001_a", text)


def test_files_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    write(tmp_path, **{"0002_b": "B", "0001_z": "Z", "0003_a_1": "A"})
    assert read_migrations(tmp_path) == [
        Migration(1, "0001_z", "Z"),
        Migration(2, "0002_b", "B"),
        Migration(3, "0003_a_1", "A"),
    ]


def test_files_of_other_kinds_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, **{"0001_a": "A"})
    (tmp_path / "README.md").write_text("words")
    assert len(read_migrations(tmp_path)) == 1


def test_an_empty_folder_has_no_migrations(tmp_path: Path) -> None:
    assert read_migrations(tmp_path) == []


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["0002_a"], "0002_a.cql has the number 2, expected 1"),
        (["0000_a"], "0000_a.cql has the number 0, expected 1"),
        (["0001_a", "0003_b"], "0003_b.cql has the number 3, expected 2"),
        (["0001_a", "0001_b"], "0001_b.cql has the number 1, expected 2"),
    ],
)
def test_a_gap_or_a_repeated_number_is_refused(
    tmp_path: Path, names: list[str], told: str
) -> None:
    write(tmp_path, **dict.fromkeys(names, "A"))
    with pytest.raises(MigrationStopped) as caught:
        read_migrations(tmp_path)
    assert str(caught.value) == told


@pytest.mark.parametrize(
    "name", ["a", "1_a", "00001_a", "0001", "0001_", "0001-a", "0001_A", "0001_a b", "0001_a.b"]
)
def test_a_file_with_another_name_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, **{name: "A"})
    with pytest.raises(MigrationStopped) as caught:
        read_migrations(tmp_path)
    assert str(caught.value) == f"{name}.cql is not called like 0001_some_words.cql"


def test_unfinished_text_is_refused_with_its_file(tmp_path: Path) -> None:
    write(tmp_path, **{"0001_a": "A;\nB 'c"})
    with pytest.raises(MigrationStopped) as caught:
        read_migrations(tmp_path)
    assert str(caught.value) == "0001_a.cql: ' in line 2 is not closed"


def test_the_checksum_is_that_of_the_text() -> None:
    assert a_migration("A é;").checksum == hashlib.sha256("A é;".encode()).hexdigest()
    assert a_migration("A").checksum != a_migration("A ").checksum


def test_the_checksum_does_not_depend_on_the_kind_of_line_end(tmp_path: Path) -> None:
    (tmp_path / "0001_a.cql").write_bytes(b"A;\r\nB;\r\n")
    assert read_migrations(tmp_path)[0].checksum == a_migration("A;\nB;\n").checksum


def test_variables_are_filled_into_statements_but_not_into_the_checksum() -> None:
    migration = a_migration("A ${x} ${y}; B '${x}';")
    before = migration.checksum
    assert migration.statements({"x": "1", "y": "{'c': 2}"}) == ["A 1 {'c': 2}", "B '1'"]
    assert migration.checksum == before


def test_an_unknown_variable_is_told_by_its_name() -> None:
    with pytest.raises(MigrationStopped, match="unknown variables: y"):
        a_migration("A ${x} ${y};").statements({"x": "1"})


def test_what_only_looks_like_a_variable_is_kept() -> None:
    assert a_migration("A $x $ {x} ${} ${a-b};").statements({"x": "1"}) == [
        "A $x $ {x} ${} ${a-b}"
    ]


def test_the_migrations_of_this_release_can_be_read() -> None:
    migrations = read_migrations()
    assert [each.name for each in migrations] == sorted(file.stem for file in FOLDER.glob("*.cql"))
    assert migrations[0].name == "0001_profile"
    for migration in migrations:
        filled = migration.statements({"leveled_compaction": "{'class': 'LeveledStrategy'}"})
        assert filled
        assert not any("${" in statement or "--" in statement for statement in filled)

"""``profiles auth``: users and keys in the access file, without an editor."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.access.api_keys import digest_of
from app.access.file import AccessFile, read_access
from app.access.guesses import Guesses
from app.access.passwords import Passwords
from app.access.privileges import ALL
from app.access.template import TEMPLATE
from app.commands.main import main
from tests.support.access import basic


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "new" / "access.yaml"
    monkeypatch.setenv("PROFILES_AUTH_FILE", str(file))
    return file


def auth(*arguments: str, text: str | None = None, code: int = 0) -> Result:
    ended = CliRunner().invoke(main, ["auth", *arguments], input=text)
    assert ended.exit_code == code, ended.output
    return ended


def content(file: Path) -> AccessFile:
    return read_access(file.read_text(), file.parent)


def test_a_key_is_printed_once_and_only_its_digest_is_kept(file: Path) -> None:
    key = auth("add-key", "desk", "--role", "administrator").stdout.strip()
    principal = content(file).keys[digest_of(key)]
    assert (principal.name, principal.privileges) == ("api_key:desk", ALL)
    assert principal.tenants == frozenset({1})
    assert key not in file.read_text()


def test_a_new_file_has_example_roles_and_is_for_its_owner_only(file: Path) -> None:
    auth("add-key", "desk", "--role", "agent")
    assert file.read_text().startswith(TEMPLATE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_existing_file_keeps_its_comments_and_its_mode(file: Path) -> None:
    auth("add-key", "one", "--role", "agent")
    file.write_text(file.read_text() + "# the end\n")
    file.chmod(0o640)
    auth("add-key", "two", "--role", "agent", "--role", "ivr", "--tenant", "7", "--tenant", "8")
    assert file.read_text().endswith("# the end\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [each.name for each in content(file).keys.values()] == ["api_key:two", "api_key:one"]
    assert [each.name for each in file.parent.iterdir()] == ["access.yaml"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [([], "tiger\ntiger\n"), (["--password-stdin"], "tiger\n"), (["--password-stdin"], "tiger")],
)
def test_a_user_comes_in_with_the_password_that_was_given(
    file: Path, arguments: list[str], text: str
) -> None:
    ended = auth("add-user", "anna", "--role", "agent", "--tenant", "*", *arguments, text=text)
    passwords = Passwords(content(file).users)
    found = passwords.principal(basic("anna", "tiger").split()[1], Guesses("", None))
    assert found is not None
    assert (found.name, found.tenants) == ("basic:anna", None)
    assert "tiger" not in ended.output + file.read_text()


@pytest.mark.parametrize(
    ("arguments", "text"), [([], "a\nb\n"), ([], ""), (["--password-stdin"], "\n")]
)
def test_passwords_that_differ_or_are_empty_are_refused(
    file: Path, arguments: list[str], text: str
) -> None:
    auth("add-user", "anna", "--role", "agent", *arguments, text=text, code=1)
    assert not file.exists()


def test_a_printed_hash_fits_the_file(file: Path) -> None:
    told = auth("hash-password", "--password-stdin", text="tiger").stdout.strip()
    entry = f"{{password: '{told}', roles: [], tenants: []}}"
    users = read_access(f"users: {{anna: {entry}}}", file.parent).users
    assert Passwords(users).principal(basic("anna", "tiger").split()[1], Guesses("", None))


def test_what_was_added_is_listed_and_removed(file: Path) -> None:
    key = auth("add-key", "desk", "--role", "agent", "--tenant", "*").stdout.strip()
    auth("add-user", "anna", "--role", "ivr", "--password-stdin", text="tiger")
    listed = auth("list").stdout
    assert listed == "user anna: ivr; tenants 1\nkey  desk: agent; all tenants\n"
    told = json.loads(auth("list", "--json").stdout)["entries"]
    assert told[1] == {"kind": "key", "name": "desk", "roles": ["agent"], "tenants": "*"}
    assert digest_of(key) not in listed + str(told)
    assert auth("remove", "desk").stdout == "removed the key desk\n"
    assert auth("remove", "anna").stdout == "removed the user anna\n"
    assert auth("list").stdout == "no users and no keys\n"


@pytest.mark.parametrize(
    ("arguments", "told", "code"),
    [
        (["add-key", "desk", "--role", "agent"], "has desk already: remove it first", 1),
        (["add-user", "desk", "--role", "agent"], "has desk already: remove it first", 1),
        (["add-key", "new", "--role", "nope"], "has no role nope; it has agent, supervisor", 1),
        (["add-key", "new"], "Missing option '--role'", 2),
        (["add-key", "a b", "--role", "agent"], "must be 1 to 64", 2),
        (["add-key", "new", "--role", "agent", "--tenant", "x"], "neither a number nor", 2),
        (["add-key", "new", "--role", "agent", "--tenant", "9" * 19], "more than 18 digits", 2),
        (["remove", "nobody"], "has neither a user nor a key nobody", 1),
    ],
)
def test_what_cannot_be_done_is_told_and_the_file_stays(
    file: Path, arguments: list[str], told: str, code: int
) -> None:
    auth("add-key", "desk", "--role", "agent")
    before = file.read_text()
    assert told in auth(*arguments, text="tiger\ntiger\n", code=code).output
    assert file.read_text() == before


@pytest.mark.parametrize("command", [["list"], ["remove", "x"], ["add-key", "x", "--role", "a"]])
def test_a_faulty_file_is_told_with_every_path(file: Path, command: list[str]) -> None:
    file.parent.mkdir()
    file.write_text("roles: {a: 1}\nrules: {}")
    told = auth(*command, code=1).output
    assert "/roles/a" in told
    assert "/rules" in told


@pytest.mark.parametrize("command", [["list"], ["remove", "x"]])
def test_a_missing_file_is_told(file: Path, command: list[str]) -> None:
    assert f"PROFILES_AUTH_FILE={file} cannot be read" in auth(*command, code=1).output


def test_a_file_that_is_not_understood_is_left_to_its_owner(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("{roles: {a: []}}")
    assert "edit it by hand" in auth("add-key", "x", "--role", "a", code=1).output
    assert file.read_text() == "{roles: {a: []}}"

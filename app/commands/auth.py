"""``profiles auth``: users and API keys in the access file."""

import fcntl
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import click

from app.access.api_keys import digest_of, fresh_key
from app.access.editing import NotEditable, with_entry, without_entry
from app.access.file import read_access
from app.access.file_schema import EVERY, NAME_RULE, is_name
from app.access.passwords import password_hash
from app.access.template import TEMPLATE
from app.authentication import FILE_SETTING
from app.setting_files import reading
from app.settings import DEFAULT_TENANT, read_settings
from schemas.yaml_text import parse_yaml

KINDS = {"users": "user", "keys": "key"}

Edit = Callable[[str], str]
Decorated = Callable[..., None]


@click.group()
def auth() -> None:
    """Who may use the service: users and API keys in PROFILES_AUTH_FILE."""


def _holder(command: Decorated) -> Decorated:
    """What users and keys have alike."""
    tenant = click.option(
        "--tenant",
        "tenants",
        multiple=True,
        default=[str(DEFAULT_TENANT)],
        show_default=True,
        help="A tenant's number, repeatable; '*' for all of them.",
    )
    role = click.option("--role", "roles", multiple=True, required=True, help="Repeatable.")
    return click.argument("name")(role(tenant(command)))


_from_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@auth.command("add-key")
@_holder
def add_key(name: str, roles: tuple[str, ...], tenants: tuple[str, ...]) -> None:
    """Make an API key for NAME and print it, once: only its digest is kept."""
    key = fresh_key()
    _add("keys", name, {"digest": digest_of(key)} | _held(roles, tenants))
    click.echo(key)


@auth.command("add-user")
@_holder
@_from_stdin
def add_user(
    name: str, roles: tuple[str, ...], tenants: tuple[str, ...], *, password_stdin: bool
) -> None:
    """Add the user NAME, with a password."""
    password = _password(from_stdin=password_stdin)
    _add("users", name, {"password": password_hash(password)} | _held(roles, tenants))
    click.echo(f"added the user {name}")


@auth.command("hash-password")
@_from_stdin
def hash_password(*, password_stdin: bool) -> None:
    """Print the hash of a password, for the access file."""
    click.echo(password_hash(_password(from_stdin=password_stdin)))


@auth.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the user or the key NAME."""
    file = read_settings().auth_file
    with _editing(file) as text:
        sections = _sections_with(_document(file, text), name)
        if not sections:
            raise click.ClickException(f"{file} has neither a user nor a key {name}.")
        left = text
        for section in sections:
            left = _edited(file, partial(without_entry, section=section, name=name), left)
        _write(file, left)
    for section in sections:
        click.echo(f"removed the {KINDS[section]} {name}")


@auth.command("list")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
def list_all(*, as_json: bool) -> None:
    """List users and keys with their roles and tenants."""
    file = read_settings().auth_file
    document = _document(file, _text(file))
    found = [
        {"kind": kind, "name": name, "roles": entry["roles"], "tenants": entry["tenants"]}
        for section, kind in KINDS.items()
        for name, entry in (document.get(section) or {}).items()
    ]
    if as_json:
        click.echo(json.dumps(found))
        return
    for each in found:
        tenants = "all tenants" if each["tenants"] == EVERY else f"tenants {_listed(each)}"
        click.echo(f"{each['kind']:4} {each['name']}: {', '.join(each['roles'])}; {tenants}")


def _listed(entry: Mapping[str, Any]) -> str:
    return ", ".join(map(str, entry["tenants"]))


def _held(roles: tuple[str, ...], tenants: tuple[str, ...]) -> dict[str, Any]:
    if EVERY in tenants:
        return {"roles": list(roles), "tenants": EVERY}
    wrong = [each for each in tenants if not (each.isascii() and each.isdigit())]
    if wrong:
        raise click.BadParameter(f"{wrong[0]} is neither a number nor '*'.", param_hint="--tenant")
    return {"roles": list(roles), "tenants": [int(each) for each in tenants]}


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt="Once more")
    if not password:
        raise click.ClickException("A password must have at least one character.")
    return str(password)


def _add(section: str, name: str, entry: Mapping[str, Any]) -> None:
    if not is_name(name):
        raise click.BadParameter(f"{NAME_RULE}.", param_hint="NAME")
    file = read_settings().auth_file
    with _editing(file, make=True) as text:
        document = _document(file, text)
        if _sections_with(document, name):
            raise click.ClickException(f"{file} has {name} already: remove it first.")
        unknown = [role for role in entry["roles"] if role not in (document.get("roles") or {})]
        if unknown:
            known = ", ".join(document.get("roles") or {}) or "none"
            raise click.ClickException(f"{file} has no role {unknown[0]}; it has {known}.")
        edit = partial(with_entry, section=section, name=name, entry=entry)
        _write(file, _edited(file, edit, text))


def _sections_with(document: Mapping[str, Any], name: str) -> list[str]:
    return [section for section in KINDS if name in (document.get(section) or {})]


def _document(file: Path, text: str) -> Mapping[str, Any]:
    """The plain values of a file without faults."""
    with reading(FILE_SETTING, file):
        read_access(text, file.parent)
    return parse_yaml(text) or {}


def _edited(file: Path, edit: Edit, text: str) -> str:
    try:
        return edit(text)
    except NotEditable:
        raise click.ClickException(
            f"{file} is written in a way that this command cannot change: edit it by hand, or"
            " put each user and key on lines of its own."
        ) from None


@contextmanager
def _editing(file: Path, *, make: bool = False) -> Iterator[str]:
    """The text of ``file``, while no other such command changes it."""
    if make:
        file.parent.mkdir(parents=True, exist_ok=True)
    if not file.parent.exists():
        _text(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield TEMPLATE if make and not file.exists() else _text(file)
    finally:
        os.close(folder)


def _text(file: Path) -> str:
    with reading(FILE_SETTING, file):
        return file.read_text(encoding="utf-8")


def _write(file: Path, text: str) -> None:
    """All or nothing; it stays whose it was, and only the owner can read a new one."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    made = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if file.exists():
            before = file.stat()
            made.chmod(before.st_mode & 0o777)
            with suppress(PermissionError):
                os.chown(made, before.st_uid, before.st_gid)
        made.replace(file)
    finally:
        made.unlink(missing_ok=True)

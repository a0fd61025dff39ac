"""``profiles auth``: users and API keys in the access file."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from app.access.principal import EVERY
from app.commands.options import json_option, tell
from app.limits import TENANT_DIGITS, tenant_number
from app.settings import DEFAULT_TENANT, read_settings

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
    from app.access.api_keys import digest_of, fresh_key

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
    from app.access.passwords import password_hash

    password = _password(from_stdin=password_stdin)
    _add("users", name, {"password": password_hash(password)} | _held(roles, tenants))
    click.echo(f"added the user {name}")


@auth.command("hash-password")
@_from_stdin
def hash_password(*, password_stdin: bool) -> None:
    """Print the hash of a password, for the access file."""
    from app.access.passwords import password_hash

    click.echo(password_hash(_password(from_stdin=password_stdin)))


@auth.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the user or the key NAME."""
    from app.commands import access_file

    for kind in access_file.remove(read_settings().auth_file, name):
        click.echo(f"removed the {kind} {name}")


@auth.command("list")
@json_option
def list_all(*, as_json: bool) -> None:
    """List users and keys with their roles and tenants."""
    from app.commands import access_file

    found = access_file.entries(read_settings().auth_file)
    tell(
        {"entries": found}, "\n".join(map(_line, found)) or "no users and no keys", as_json=as_json
    )


def _line(entry: Mapping[str, Any]) -> str:
    held = entry["tenants"]
    tenants = "all tenants" if held == EVERY else f"tenants {', '.join(map(str, held))}"
    return f"{entry['kind']:4} {entry['name']}: {', '.join(entry['roles'])}; {tenants}"


def _held(roles: tuple[str, ...], tenants: tuple[str, ...]) -> dict[str, Any]:
    if EVERY in tenants:
        return {"roles": list(roles), "tenants": EVERY}
    return {"roles": list(roles), "tenants": [_tenant(each) for each in tenants]}


def _tenant(text: str) -> int:
    number = tenant_number(text)
    if number is None:
        told = f"{text} is neither a number nor '*', or has more than {TENANT_DIGITS} digits."
        raise click.BadParameter(told, param_hint="--tenant")
    return number


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt="Once more")
    if not password:
        raise click.ClickException("A password must have at least one character.")
    return str(password)


def _add(section: str, name: str, entry: Mapping[str, Any]) -> None:
    from app.commands import access_file

    access_file.add(read_settings().auth_file, section, name, entry)

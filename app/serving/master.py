"""What the master does before its first worker and after its last one, under either server."""

from collections.abc import Iterable

import click

from app.authentication import check_access_file
from app.protection import check_protected
from app.runtime import make_folder
from app.serving import connections
from app.serving.forks import guard_forks
from app.settings import Settings


def prepare(settings: Settings, hosts: Iterable[str]) -> None:
    """Before the first worker is forked; it is going to listen at ``hosts``.

    :raises WrongSetting: anybody could come in, or nobody could.
    """
    connections.most()
    for host in hosts:
        check_protected(settings, host)
    check_access_file(settings)
    guard_forks()
    make_folder()


def greet(settings: Settings) -> None:
    """Say where it serves, and what to try."""
    address = f"http://{settings.bind}"
    profile = f"{address}{settings.base_path}/profiles/00027a52JCGY000M"
    click.echo(f"serving profiles on {address} with {settings.workers} workers, Ctrl-C ends it")
    if settings.auth:
        click.echo(f"callers are asked for {' or '.join(settings.auth)}: docs/access.md")
        return
    click.echo(
        "try: curl -i -X PUT -H 'Content-Type: application/json' -H 'If-None-Match: *'"
        f' -d \'{{"FirstName": "Bruce"}}\' {profile}'
    )

"""A PostgreSQL of one's own in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_cassandra.cluster import free_port

_UNPRIVILEGED = ("postgres", "nobody")


class NoPostgres(Exception):
    """It is not installed, or cannot be used."""


def find_binaries() -> Path:
    """The folder of its programs, the newest first.

    :raises NoPostgres: there is none.
    """
    places = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve()] if on_path else []
    found += sorted(places, key=lambda place: int(place.parts[-3]), reverse=True)
    if not found:
        raise NoPostgres("PostgreSQL is missing (Debian and Ubuntu: apt-get install postgresql)")
    return found[0].parent


@contextmanager
def running() -> Iterator[str]:
    """The URL of an empty database in a temporary folder; its server is ended at the end.

    It refuses to run as root, so there it runs as another user.

    :raises NoPostgres: it is missing, or does not start.
    """
    binaries, port = find_binaries(), free_port()
    user = _user()
    data = Path(tempfile.mkdtemp(prefix="postgres-"))
    if user:
        shutil.chown(data, user)
    try:
        with _started(user, data, binaries, port):
            yield f"postgresql://kinto@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(data)


@contextmanager
def _started(user: str | None, data: Path, binaries: Path, port: int) -> Iterator[None]:
    _run(user, data, [binaries / "initdb", "-D", data, "-U", "kinto", "-A", "trust", "-E", "UTF8"])
    options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1"
    start = [binaries / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start"]
    _run(user, data, start)
    try:
        yield
    finally:
        _run(user, data, [binaries / "pg_ctl", "-D", data, "-m", "fast", "-w", "stop"])


def _user() -> str | None:
    """Who runs it, None for whoever runs this."""
    if os.getuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    user = next((name for name in _UNPRIVILEGED if name in known), None)
    if user is None:
        raise NoPostgres("PostgreSQL does not run as root, and there is no other user for it")
    return user


def _run(user: str | None, folder: Path, command: Sequence[object]) -> None:
    ended = subprocess.run(
        list(map(str, command)),
        **_as(user),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise NoPostgres(f"{Path(str(command[0])).name} failed: {ended.stderr.strip()}")


def _as(user: str | None) -> dict[str, Any]:
    """Also without the groups of whoever runs this."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}

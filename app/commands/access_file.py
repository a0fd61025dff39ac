"""The access file as the commands change it: in place, so that its comments stay."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import click

from app.access.editing import NotEditable, with_entry, without_entry
from app.access.file import read_access
from app.access.file_schema import NAME_RULE, is_name
from app.access.template import TEMPLATE
from app.authentication import FILE_SETTING
from app.setting_files import reading
from schemas.yaml_text import parse_yaml

KINDS = {"users": "user", "keys": "key"}

Edit = Callable[[str], str]


def add(file: Path, section: str, name: str, entry: Mapping[str, Any]) -> None:
    """Put ``entry`` into ``section`` of ``file``, which is made if it is not there."""
    if not is_name(name):
        raise click.BadParameter(f"{NAME_RULE}.", param_hint="NAME")
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


def remove(file: Path, name: str) -> list[str]:
    """Take the user and the key ``name`` out of ``file``; which of both there was."""
    with _editing(file) as text:
        sections = _sections_with(_document(file, text), name)
        if not sections:
            raise click.ClickException(f"{file} has neither a user nor a key {name}.")
        left = text
        for section in sections:
            left = _edited(file, partial(without_entry, section=section, name=name), left)
        _write(file, left)
    return [KINDS[section] for section in sections]


def entries(file: Path) -> list[dict[str, Any]]:
    """All users and keys, without what is secret."""
    document = _document(file, _text(file))
    return [
        {"kind": kind, "name": name, "roles": entry["roles"], "tenants": entry["tenants"]}
        for section, kind in KINDS.items()
        for name, entry in (document.get(section) or {}).items()
    ]


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

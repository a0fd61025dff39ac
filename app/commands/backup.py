"""Backups: writing one, and loading it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

import click

from app.commands.checkpoint import going_on, writing
from app.commands.options import Work, tell
from app.commands.progress import Task, progress
from app.commands.services import core_on
from app.commands.transfer import Transfer
from app.dao.base import Dao
from app.services.backup_files import BackupFile, backup_file
from app.services.backup_lines import MAX_LINE
from app.services.backups import LinePage, Place, line_pages
from app.services.bounded_lines import bounded_lines
from app.services.copying import Copier
from app.services.digests import Account, digest_of
from app.services.errors import BackupRefused
from app.services.originals import StoreSource
from app.services.scanning import count
from app.settings import read_settings


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a backup has been written.

    ``source`` says what of which store; ``met`` of ``total`` profiles are in the first ``end``
    bytes of the file; it goes on in ``tenant``, whose definition has ``tag``, at ``next``.
    """

    source: str
    total: int
    met: int = 0
    end: int = 0
    tenant: int | None = None
    tag: str = ""
    next: str | None = None

    @property
    def place(self) -> Place | None:
        """Where to go on, None for the beginning."""
        return None if self.tenant is None else Place(self.tenant, UUID(self.tag), self.next)

    def at(self, place: Place, met: int, end: int) -> "Checkpoint":
        """The checkpoint when so much is written."""
        told = (place.tenant, str(place.tag), place.next)
        return Checkpoint(self.source, self.total, met, end, *told)


class Reading:
    """Going through all that a store holds of the tenants that ``work`` asks for."""

    def __init__(self, dao: Dao, keep_past_for: int, work: Work) -> None:
        """:raises TransferRefused: one of them cannot be read now."""
        self._source = StoreSource(dao, keep_past_for)
        self._tenants = self._source.tenants() if work.tenant is None else [work.tenant]
        self._threads = work.threads
        for each in self._tenants:
            self._source.begin(each)
        self.total = sum(count(dao, each) for each in self._tenants)

    def pages(self, place: Place | None = None) -> Iterator[LinePage]:
        """All lines but the last two, from ``place`` on."""
        return line_pages(self._source, self._tenants, self._threads, place)


def write_backup(file: Path | None, work: Work) -> None:
    """All that the store in the settings holds, to ``file`` or to standard output."""
    settings = read_settings()
    what = "all tenants" if work.tenant is None else f"tenant {work.tenant}"
    with core_on(settings) as core:
        reading = Reading(core.dao, settings.keep_past_for, work)
        start = Checkpoint(f"backup of {what}, {settings.store}", reading.total)
        account = _to_file(file, start, reading) if file else _to_output(start, reading)
    sections = account.sections
    digest, profiles = digest_of(sections), sum(each.met for each in sections)
    told = f"{profiles} profiles of {len(sections)} tenants exported, digest {digest}"
    if file:
        tenants = [each.tenant for each in sections]
        result = {"tenants": tenants, "exported": profiles, "bytes": account.end}
        tell(result | {"digest": digest}, told, as_json=work.as_json)
    else:
        click.echo(told, err=True)


def load_backup(file: Path, work: Work) -> None:
    """What the backup in ``file`` tells, into the store in the settings."""
    settings = read_settings()
    with opened(file) as held, core_on(settings) as core:
        tenants = held.tenants() if work.tenant is None else [work.tenant]
        total = sum(each.met for each in held.sections if each.tenant in tenants)
        transfer = Transfer(tenants, total, "loaded", "loading")
        copier = Copier(held, core.dao, settings.keep_past_for)
        done = transfer.run(copier, work.threads)
    transfer.tell(done, as_json=work.as_json)


@contextmanager
def opened(file: Path) -> Iterator[BackupFile]:
    """The backup in ``file``, once it is looked through."""
    task = Task("checking", "lines", file.stat().st_size, resumes=False)
    with _told_of(file), ExitStack() as stack:
        with progress(task) as shown:
            held = stack.enter_context(backup_file(file, shown.update))
        yield held


@contextmanager
def _told_of(file: Path) -> Iterator[None]:
    try:
        yield
    except BackupRefused as error:
        raise click.ClickException(f"{file} is no backup that can be used: {error}") from None


def _to_file(file: Path, start: Checkpoint, reading: Reading) -> Account:
    begun, account = going_on(file, start), Account()
    with _told_of(file), writing(file, begun.end) as (target, save):
        target.seek(0)
        for line, _ in bounded_lines(target, MAX_LINE):
            account.add(line)
        save(begun)
        _write(target, account, begun, reading, save)
    return account


def _to_output(start: Checkpoint, reading: Reading) -> Account:
    account = Account()
    _write(sys.stdout.buffer, account, start, reading, None)
    return account


def _write(
    target: IO[bytes],
    account: Account,
    begun: Checkpoint,
    reading: Reading,
    save: Callable[[Checkpoint], None] | None,
) -> None:
    """Write the rest; ``save`` keeps a checkpoint, None where the work cannot be resumed."""
    met = begun.met
    task = Task("exporting", "profiles", begun.total, met, met, resumes=bool(save))
    with progress(task, bar=not target.isatty()) as shown:
        for page in reading.pages(begun.place):
            for line in page.lines:
                account.add(line)
                target.write(line)
            met += page.met
            shown.update(met, met)
            if save and page.place:
                save(begun.at(page.place, met, account.end))
    target.writelines(account.close())
    target.flush()

"""Backups without a command: written, loaded, and what a source comes to."""

from dataclasses import replace
from pathlib import Path

from app.dao.base import Dao
from app.services.backup_files import backup_file
from app.services.backup_lines import Section
from app.services.backups import line_pages
from app.services.copying import Copied, Copier
from app.services.digests import Account
from app.services.originals import Source

KEEP_PAST_FOR = 30 * 86_400
THREADS = 4


def sections(source: Source, tenants: list[int]) -> tuple[Section, ...]:
    """What the tenants come to, whatever place they have in a file."""
    account = Account()
    for page in line_pages(source, tenants, THREADS):
        for line in page.lines:
            account.add(line)
    return tuple(replace(each, start=0) for each in account.sections)


def back_up(source: Source, tenants: list[int], file: Path) -> Path:
    account = Account()
    with file.open("wb") as target:
        for page in line_pages(source, tenants, THREADS):
            for line in page.lines:
                account.add(line)
                target.write(line)
        target.writelines(account.close())
    return file


def bring(source: Source, tenants: list[int], target: Dao, keep: int = KEEP_PAST_FOR) -> Copied:
    """What was done in all."""
    copier = Copier(source, target, keep)
    pages = [page for tenant in tenants for page in copier.copy(tenant, THREADS)]
    left = tuple(each for page in pages for each in page.left)
    return Copied(sum(page.met for page in pages), sum(page.copied for page in pages), left)


def load(file: Path, target: Dao, keep: int = KEEP_PAST_FOR) -> Copied:
    with backup_file(file) as source:
        return bring(source, source.tenants(), target, keep)

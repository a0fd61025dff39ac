"""A backup file as a source: it is looked through whole before anything is taken out of it."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path

from app.dao.values import PastVersion, ProfileKey, StoredDocument, StoredProfile, Version
from app.services.backup_checks import BackupChecker
from app.services.backup_lines import (
    BEGINNING,
    MAX_LINE,
    Kind,
    Section,
    head_of,
    kind_of,
    read_end,
    read_opening,
    read_profile,
    read_tenant,
    read_version,
)
from app.services.definitions import Revision
from app.services.errors import BackupRefused
from app.services.originals import PROFILES_PER_PAGE, Original, OriginalPage, Source

Met = Callable[[int, int], None]

_HASHED_AT_ONCE = 16 * 1024 * 1024
_LINES_BETWEEN_LOOKS = 1000


def is_backup(path: Path) -> bool:
    """Whether the file says that it is one."""
    with path.open("rb") as file:
        return file.read(len(BEGINNING)) == BEGINNING


class BackupFile(Source):
    """What a backup tells of the store that it was made of."""

    def __init__(self, lines: "_Lines", met: Met) -> None:
        """:raises BackupRefused: they are not as they were written, in another format, or hold
        what no store does."""
        self._lines = lines
        with _of_line(1):
            self._opening = read_opening(lines.at(0))
        summary = lines.checked()
        self.sections = lines.examined(summary, met)
        self._ends = [*(each.start for each in self.sections[1:]), summary]

    def tenants(self) -> list[int]:
        return [each.tenant for each in self.sections]

    def secret(self) -> StoredDocument | None:
        return self._opening.secret

    def definition(self, tenant: int) -> StoredDocument | None:
        starts = [each.start for each in self.sections if each.tenant == tenant]
        return read_tenant(self._lines.at(starts[0]))[1] if starts else None

    def is_changing(self, _tenant: int, /) -> bool:
        """Never: a file stays what it is."""
        return False

    def pages(self, revision: Revision, start: str | None = None) -> Iterator[OriginalPage]:
        """``start``: the byte at which the lines of the next profile begin."""
        index = self.tenants().index(revision.tenant)
        first = self._lines.behind(self.sections[index].start)
        at, end = int(start or first), self._ends[index]
        while at < end:
            originals = list[Original]()
            while at < end and len(originals) < PROFILES_PER_PAGE:
                original, at = self._original(revision.tenant, at)
                originals.append(original)
            yield OriginalPage(tuple(originals), str(at) if at < end else None)

    def _original(self, tenant: int, at: int) -> tuple[Original, int]:
        """The profile whose lines begin there, and the byte behind them."""
        versions = list[int]()
        while kind_of(line := self._lines.at(at)) is Kind.VERSION:
            versions.append(at)
            at += len(line)
        _, customer_id = head_of(line)
        key = ProfileKey(tenant, customer_id)
        return _WrittenOriginal(key, self._lines, versions, at), at + len(line)


@contextmanager
def backup_file(path: Path, met: Met = lambda _end, _lines: None) -> Iterator[BackupFile]:
    """The file as a source. ``met`` is told from time to time how far it was looked through:
    up to which byte, and how many lines.

    :raises BackupRefused: it is not as it was written, or in another format, or holds what no
        store does. The message tells which line, and never a value.
    """
    if not is_backup(path):
        raise BackupRefused("it does not begin as one.")
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
        yield BackupFile(_Lines(text), met)


@contextmanager
def _of_line(number: int) -> Iterator[None]:
    """Around what reads the line, counted from 1."""
    try:
        yield
    except BackupRefused as error:
        raise BackupRefused(f"line {number}: {error}") from None


class _Lines:
    """The lines of a file, each known by the byte at which it begins."""

    def __init__(self, text: mmap) -> None:
        self._text = text

    def at(self, start: int) -> bytes:
        """:raises BackupRefused: it is too long to be kept."""
        end = self.behind(start)
        if end - start > MAX_LINE:
            raise BackupRefused(f"it is longer than {MAX_LINE} bytes.")
        return self._text[start:end]

    def behind(self, start: int) -> int:
        """The byte behind the line."""
        return self._text.find(b"\n", start) + 1 or len(self._text)

    def checked(self) -> int:
        """Where the last line but one begins.

        :raises BackupRefused: the last one is not what the others ask for.
        """
        end = self._text.rfind(b"\n", 0, len(self._text) - 1) + 1
        digest = hashlib.sha256()
        for start in range(0, end, _HASHED_AT_ONCE):
            digest.update(self._text[start : min(start + _HASHED_AT_ONCE, end)])
        if digest.hexdigest() != self._told(end):
            raise BackupRefused("it was changed or cut off since it was written.")
        return self._text.rfind(b"\n", 0, end - 1) + 1

    def examined(self, summary: int, met: Met) -> tuple[Section, ...]:
        """What all lines up to the ``summary`` come to.

        :raises BackupRefused: one of them holds what it may not, or the last two tell otherwise.
        """
        checker, start, number = BackupChecker(), 0, 1
        while start < summary:
            with _of_line(number):
                checker.take(line := self.at(start))
            start += len(line)
            if number % _LINES_BETWEEN_LOOKS == 0:
                met(start, number)
            number += 1
        with _of_line(number):
            checker.end()
            account = checker.account
            if self._rest(summary) != b"".join(account.close()):
                raise BackupRefused("it does not tell what the lines before come to.")
        return account.sections

    def _rest(self, start: int) -> bytes:
        """The last two lines, nothing where they are longer than those of any store."""
        return self._text[start:] if len(self._text) - start <= 2 * MAX_LINE else b""

    def _told(self, end: int) -> str:
        try:
            return read_end(self.at(end))
        except BackupRefused:
            return ""


class _WrittenOriginal(Original):
    """Known by where its lines begin: those of its versions, oldest first, and its own."""

    def __init__(self, key: ProfileKey, lines: _Lines, versions: list[int], at: int) -> None:
        super().__init__(key)
        self._lines = lines
        self._versions = versions
        self._at = at

    def read(self) -> StoredProfile | None:
        return read_profile(self._lines.at(self._at))

    def version(self, number: int) -> Version | None:
        found = [row.version for row in self.versions(number - 1, number)]
        return found[0] if found else None

    def versions(self, above: int, newest: int) -> Iterator[PastVersion]:
        for start in self._versions:
            row = read_version(self._lines.at(start))
            if above < row.version.number <= newest:
                yield row

"""The migration files: their numbers, checksums and statements."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import migrations_cql
from app.dao.cassandra.migrations.cql import UnfinishedText, statements
from app.dao.errors import MigrationStopped

FOLDER = Path(migrations_cql.__file__).parent

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file; ``name`` is its name without the ending, ``text`` all of it."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, in hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self, variables: Mapping[str, str]) -> list[str]:
        """Its statements, with each ``${variable}`` filled in.

        :raises MigrationStopped: there is no such variable.
        """
        unknown = set(_VARIABLE.findall(self.text)) - variables.keys()
        if unknown:
            raise MigrationStopped(f"{self.name}.cql has unknown variables: {', '.join(unknown)}")
        return statements(_VARIABLE.sub(lambda match: variables[match[1]], self.text))


def read_migrations(folder: Path = FOLDER) -> list[Migration]:
    """All migrations in ``folder``, in order.

    :raises MigrationStopped: a name, a number or a quote in one of them is wrong.
    """
    migrations = [_read(path) for path in sorted(folder.glob("*.cql"))]
    for expected, migration in enumerate(migrations, start=1):
        if migration.number != expected:
            raise MigrationStopped(
                f"{migration.name}.cql has the number {migration.number}, expected {expected}"
            )
    return migrations


def _read(path: Path) -> Migration:
    match = _FILE_NAME.fullmatch(path.stem)
    if not match:
        raise MigrationStopped(f"{path.name} is not called like 0001_some_words.cql")
    text = path.read_text(encoding="utf-8")
    try:
        statements(text)
    except UnfinishedText as error:
        raise MigrationStopped(f"{path.name}: {error}") from None
    return Migration(int(match[1]), path.stem, text)

"""The embedded store as a whole."""

from functools import partial
from pathlib import Path

import apsw

from app.dao.base import Dao
from app.dao.embedded import examination
from app.dao.embedded.connection import Connections
from app.dao.embedded.documents import EmbeddedDocuments
from app.dao.embedded.group_commit import GroupCommit
from app.dao.embedded.migrations import pending
from app.dao.embedded.profiles import EmbeddedProfiles
from app.dao.findings import Finding
from app.dao.status import Pool, StoreStatus


class EmbeddedDao(EmbeddedProfiles, EmbeddedDocuments, Dao):
    """The SQLite file at ``path``, which `migrate` has prepared."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connections = Connections(path)
        self._writer = GroupCommit(self._connections)

    def status(self) -> StoreStatus:
        applied = self._connections.read(lambda connection: connection.pragma("user_version"))
        return StoreStatus(f"SQLite {apsw.sqlite_lib_version()}", pending(applied))

    def pools(self) -> list[Pool]:
        return [Pool("file", self._connections.count, None)]

    def examine(self) -> list[Finding]:
        examine = partial(examination.examine, self._path)
        return self._connections.read(lambda connection: list(examine(connection)), quick=False)

    def close(self) -> None:
        self._writer.close()
        self._connections.close()

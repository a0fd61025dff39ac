"""The store on Cassandra as a whole."""

from app.dao.base import Dao
from app.dao.cassandra import examination
from app.dao.cassandra.documents import CassandraDocuments
from app.dao.cassandra.migrations.history import pending
from app.dao.cassandra.profiles import CassandraProfiles
from app.dao.findings import Finding
from app.dao.status import Pool, StoreStatus

SELECT_RELEASE = "SELECT release_version FROM system.local"


class CassandraDao(CassandraProfiles, CassandraDocuments, Dao):
    """The cluster and keyspace of a connection."""

    def status(self) -> StoreStatus:
        release = self._connection.read(SELECT_RELEASE)[0][0]
        return StoreStatus(f"Apache Cassandra {release}", pending(self._connection.read))

    def pools(self) -> list[Pool]:
        return self._connection.pools()

    def examine(self) -> list[Finding]:
        return list(examination.examine(self._connection))

    def close(self) -> None:
        self._connection.close()

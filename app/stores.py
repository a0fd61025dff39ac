"""The composition root of storage: the only module that names the stores there are.

A store's package is imported when it is used, so that the embedded one starts without the
Cassandra driver.
"""

from collections.abc import Collection

from app.dao.base import Dao
from app.dao.status import MigrationState
from app.settings import EmbeddedStore, StoreAddress


def open_dao(address: StoreAddress) -> Dao:
    """The DAO of the store at ``address``. Connects when it is first used."""
    if isinstance(address, EmbeddedStore):
        from app.dao.embedded.dao import EmbeddedDao

        return EmbeddedDao(address.path)
    from app.dao.cassandra.connection import Connection
    from app.dao.cassandra.dao import CassandraDao

    return CassandraDao(Connection(address))


def lacks_entries(applied: Collection[str]) -> bool:
    """Whether there may be profiles that identify does not find yet.

    ``applied``: the migrations that were just applied; a release wrote profiles before.
    """
    return "0002_identity" in applied and "0001_profile" not in applied


def migration_states(address: StoreAddress) -> tuple[MigrationState, ...]:
    """What became of each migration of this release, in a store that need not be there yet.

    :raises StoreUnavailable: it cannot be asked.
    """
    if isinstance(address, EmbeddedStore):
        from app.dao.embedded.migrations import states as embedded_states

        return embedded_states(address.path)
    from app.dao.cassandra.migrations.runner import states as cassandra_states

    return cassandra_states(address)


def migrate(address: StoreAddress, *, resume: bool = False) -> tuple[str, ...]:
    """Prepare the store for this release; the names of the migrations that it lacked.

    ``resume`` goes on with one that an earlier run left unfinished; the embedded store applies
    all or none, so there it changes nothing.

    :raises StoreUnavailable: the store cannot be reached, made or written.
    """
    if isinstance(address, EmbeddedStore):
        from app.dao.embedded.migrations import migrate as migrate_embedded

        return migrate_embedded(address.path)
    from app.dao.cassandra.migrations.runner import migrate as migrate_cassandra

    return migrate_cassandra(address, resume=resume)

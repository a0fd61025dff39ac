"""What is not counted as it happens but looked at from time to time, for the metrics."""

from app.dao.base import Dao
from app.dao.errors import StoreUnavailable
from app.services.background import Background
from app.watching import metrics

SECONDS = 5.0


class Sampler:
    """Looks at the store and at this worker's connections to it."""

    def __init__(self, dao: Dao) -> None:
        self._dao = dao
        self._peers: set[str] = set()
        self._background = Background(self.sample, SECONDS)
        self.start = self._background.start
        self.stop = self._background.stop

    def sample(self) -> None:
        """:raises StoreUnavailable: the store is not ready."""
        self.sample_pools()
        try:
            pending = len(self._dao.status().pending_migrations)
        except StoreUnavailable:
            metrics.READY.set(0)
            raise
        metrics.PENDING.set(pending)
        metrics.READY.set(not pending)

    def sample_pools(self) -> None:
        """A peer that is gone has no connections; a series can only end with its worker."""
        pools = {pool.peer: pool for pool in self._dao.pools()}
        for peer in self._peers | pools.keys():
            pool = pools.get(peer)
            metrics.CONNECTIONS.labels(peer).set(pool.connections if pool else 0)
            if pool is None or pool.in_flight is not None:
                metrics.IN_FLIGHT.labels(peer).set((pool and pool.in_flight) or 0)
        self._peers = set(pools)

"""Real Cassandra nodes, each reachable only through a proxy, for tests that hurt them.

Node N is 127.0.0.1N. It tells clients that it is 127.0.0.N, where its proxy listens, so that
also clients that learn of it from another node come through the proxy.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid1

from cassandra import ConsistencyLevel, RequestExecutionException
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable
from cassandra.policies import WhiteListRoundRobinPolicy
from cassandra.query import SimpleStatement

from app.settings import CassandraStore
from local_cassandra.cluster import free_port
from local_cassandra.node import Node
from tests.faults.proxy import Proxy
from tests.support.server import wait_until

HEAP = "400M"
PATIENCE_SECONDS = 120
# A table of Cassandra's own that has three copies.
READ_OF_ALL = "SELECT parent_id FROM system_distributed.parent_repair_history WHERE parent_id = %s"


class Nodes:
    """One node or three, with data below ``folder``; they are counted from 0."""

    def __init__(self, folder: Path, count: int = 3) -> None:
        port, storage_port = free_port(), free_port()
        seeds = ["127.0.0.11"] if count > 1 else []
        self.nodes = [
            Node(
                folder / f"node{number}",
                address=f"127.0.0.1{number}",
                port=port,
                storage_port=storage_port,
                jmx_port=free_port(),
                seeds=seeds,
                heap=HEAP,
                options={"broadcast_rpc_address": f"127.0.0.{number}"},
            )
            for number in range(1, count + 1)
        ]
        hosts = tuple(f"127.0.0.{number}" for number in range(1, count + 1))
        self.proxies = [
            Proxy((host, port), (node.address, port))
            for host, node in zip(hosts, self.nodes, strict=True)
        ]
        self.address = CassandraStore(hosts, port, "profiles", "datacenter1", replication=count)

    def kill(self, number: int) -> None:
        """End a node as a crash would."""
        self.nodes[number].kill()

    def stop(self, number: int) -> None:
        """End a node in an orderly way."""
        self.nodes[number].stop()

    def start(self, number: int) -> None:
        """Start a node that has ended, on the data it has."""
        self.nodes[number].start()

    def cut(self, number: int) -> None:
        """Keep clients from a node, but not the other nodes, until `heal`."""
        self.proxies[number].cut()

    def heal(self, number: int) -> None:
        self.proxies[number].heal()

    def wait_until_together(self) -> None:
        """Until each node that a client asks can ask all nodes."""
        for host in self.address.hosts:
            wait_until(lambda host=host: self._asks_all(host), PATIENCE_SECONDS)

    def _asks_all(self, host: str) -> bool:
        profile = ExecutionProfile(WhiteListRoundRobinPolicy([host]))
        cluster = Cluster(
            [host],
            self.address.port,
            protocol_version=5,
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        )
        level = ConsistencyLevel.ALL if len(self.nodes) > 1 else ConsistencyLevel.ONE
        statement = SimpleStatement(READ_OF_ALL, consistency_level=level)
        try:
            cluster.connect().execute(statement, [uuid1()])
        except (RequestExecutionException, NoHostAvailable):
            return False
        finally:
            cluster.shutdown()
        return True


@contextmanager
def running_nodes(folder: Path, count: int = 3) -> Iterator[Nodes]:
    """Nodes that see each other, all stopped at the end."""
    nodes = Nodes(folder, count)
    with ExitStack() as stack:
        for node, proxy in zip(nodes.nodes, nodes.proxies, strict=True):
            stack.callback(node.stop)
            node.start()
            stack.callback(proxy.stop)
            proxy.start()
        nodes.wait_until_together()
        yield nodes

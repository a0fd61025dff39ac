"""Several nodes on one machine: 127.0.0.1, 127.0.0.2 ... with one port each."""

import random
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from local_cassandra.node import Node

CQL_PORT = 9042
PORTS = range(20_000, 32_000)
ATTEMPTS = 100


class Cluster:
    """A cluster of ``nodes``, in folders below ``folder``."""

    def __init__(
        self, folder: Path, nodes: int = 1, port: int = CQL_PORT, quick: bool = True
    ) -> None:
        seeds = ["127.0.0.1"] if nodes > 1 else []
        storage_port = free_port()
        self.nodes = [
            Node(
                folder / f"node{number}",
                address=f"127.0.0.{number}",
                port=port,
                storage_port=storage_port,
                jmx_port=free_port(),
                seeds=seeds,
                quick=quick,
            )
            for number in range(1, nodes + 1)
        ]

    @property
    def store_url(self) -> str:
        """What ``PROFILES_STORE`` is for it."""
        hosts = ",".join(node.address for node in self.nodes)
        return f"cassandra://{hosts}:{self.nodes[0].port}/profiles?local_dc=datacenter1"

    def start(self) -> None:
        """Start one node after the other, as joining a ring asks for.

        :raises NoStart: one did not; those before it were stopped.
        """
        try:
            for node in self.nodes:
                node.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all nodes. Harmless when they have ended."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(Node.stop, self.nodes))


def free_port() -> int:
    """A port that nothing uses now; none of those from which the system takes the ports of
    outgoing connections, as such a one may be taken again before it is listened on."""
    for port in random.sample(PORTS, ATTEMPTS):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("no port is free")

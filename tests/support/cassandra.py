"""A real Cassandra for the tests: the first of an address, a container, and packages."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_cassandra.cluster import Cluster, free_port

ADDRESS_VARIABLE = "PROFILES_TEST_CASSANDRA"
IMAGE = "cassandra:5.0"


@contextmanager
def any_cassandra(folder: Path) -> Iterator[str]:
    """The ``HOST:PORT`` of a running Cassandra with the data centre datacenter1.

    Never gives up silently: without any, what starting the last kind says is raised.
    """
    if address := os.environ.get(ADDRESS_VARIABLE):
        yield address
    elif _docker_answers():
        with _container() as address:
            yield address
    else:
        with local_node(folder) as cluster:
            yield f"127.0.0.1:{cluster.nodes[0].port}"


@contextmanager
def local_node(folder: Path) -> Iterator[Cluster]:
    """One node out of packages, stopped at the end."""
    cluster = Cluster(folder, port=free_port())
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


def _docker_answers() -> bool:
    import docker

    try:
        docker.from_env().ping()
    except docker.errors.DockerException:
        return False
    return True


@contextmanager
def _container() -> Iterator[str]:
    from testcontainers.community.cassandra import CassandraContainer

    with CassandraContainer(IMAGE) as container:
        host, port = container.get_contact_points()[0]
        yield f"{host}:{port}"

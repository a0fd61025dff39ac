"""Faults of a cluster of three Cassandra nodes with three copies: one node at a time."""

from collections.abc import Callable

from tests.faults.checker import Report
from tests.faults.nodes import Nodes
from tests.faults.run import Run, lasting
from tests.faults.scenarios.service import instance

AWAY_SECONDS = 10.0
PAUSED_SECONDS = 20.0


def killed_node(run: Run, nodes: Nodes, times: int = 2) -> Report:
    """A node is killed, and comes back on the data it has."""

    def hurt(number: int) -> None:
        nodes.kill(number)
        lasting(AWAY_SECONDS)
        nodes.start(number)
        nodes.wait_until_together()

    return _judged(run, nodes, times, hurt)


def paused_node(run: Run, nodes: Nodes, times: int = 2) -> Report:
    """A node hangs: it answers nobody, and ends no connection."""

    def hurt(number: int) -> None:
        with nodes.nodes[number].paused():
            lasting(PAUSED_SECONDS)
        nodes.wait_until_together()

    return _judged(run, nodes, times, hurt)


def restarted_nodes(run: Run, nodes: Nodes) -> Report:
    """All nodes are restarted, one after the other."""

    def hurt(number: int) -> None:
        nodes.stop(number)
        nodes.start(number)
        nodes.wait_until_together()

    return _judged(run, nodes, len(nodes.nodes), hurt)


def cut_from_a_node(run: Run, nodes: Nodes) -> Report:
    """The service cannot reach one of the nodes, which the other nodes can."""

    def hurt(number: int) -> None:
        nodes.cut(number)
        lasting(AWAY_SECONDS)
        nodes.heal(number)

    return _judged(run, nodes, len(nodes.nodes), hurt)


def _judged(run: Run, nodes: Nodes, times: int, hurt: Callable[[int], None]) -> Report:
    """``hurt`` one node after the other under load, so many ``times``."""
    with instance(run, nodes.address) as service:
        with run.load(service.bind) as load:
            for step in run.steps(load, times):
                hurt(step % len(nodes.nodes))
        return run.judged(nodes.address, [service.bind])

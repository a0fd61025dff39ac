"""Faults of a cluster of three Cassandra nodes with three copies: one node at a time."""

from tests.faults.checker import Report
from tests.faults.nodes import Nodes
from tests.faults.run import Run, lasting
from tests.faults.scenarios.service import instance

AWAY_SECONDS = 10.0
PAUSED_SECONDS = 20.0


def killed_node(run: Run, nodes: Nodes, times: int = 2) -> Report:
    """A node is killed, and comes back on the data it has."""
    with instance(run, nodes.address) as service:
        with run.load(service.bind) as load:
            for step in run.steps(load, times):
                number = step % len(nodes.nodes)
                nodes.kill(number)
                lasting(AWAY_SECONDS)
                nodes.start(number)
                nodes.wait_until_together()
        return run.judged(nodes.address, [service.bind])


def paused_node(run: Run, nodes: Nodes, times: int = 2) -> Report:
    """A node hangs: it answers nobody, and ends no connection."""
    with instance(run, nodes.address) as service:
        with run.load(service.bind) as load:
            for step in run.steps(load, times):
                number = step % len(nodes.nodes)
                nodes.pause(number)
                lasting(PAUSED_SECONDS)
                nodes.resume(number)
                nodes.wait_until_together()
        return run.judged(nodes.address, [service.bind])


def restarted_nodes(run: Run, nodes: Nodes) -> Report:
    """All nodes are restarted, one after the other."""
    with instance(run, nodes.address) as service:
        with run.load(service.bind) as load:
            for number in run.steps(load, len(nodes.nodes)):
                nodes.stop(number)
                nodes.start(number)
                nodes.wait_until_together()
        return run.judged(nodes.address, [service.bind])


def cut_from_a_node(run: Run, nodes: Nodes) -> Report:
    """The service cannot reach one of the nodes, which the other nodes can."""
    with instance(run, nodes.address) as service:
        with run.load(service.bind) as load:
            for number in run.steps(load, len(nodes.nodes)):
                nodes.cut(number)
                lasting(AWAY_SECONDS)
                nodes.heal(number)
        return run.judged(nodes.address, [service.bind])

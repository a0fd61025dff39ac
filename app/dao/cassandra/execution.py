"""How statements are sent: to which node, at which consistency, how long, and how often."""

import time
from collections.abc import Iterable
from functools import partial
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT, ExecutionProfile
from cassandra.policies import DCAwareRoundRobinPolicy, RetryPolicy, TokenAwarePolicy
from cassandra.query import tuple_factory

READ = EXEC_PROFILE_DEFAULT
CAS = "cas"
SETTLE = "settle"

SECONDS = {READ: 3.0, CAS: 4.0, SETTLE: 4.0}
"""How long an answer is waited for at most, with each profile."""

AGAIN_AFTER = {READ: 0.1, SETTLE: 1.0}
"""After how long another node is asked too. Only what may be done twice is sent so: reads, and
writes with a time of their own. `Sending` keeps these times, not the driver."""

# From a write without an answer until it is settled, sent again, and settled again.
_SILENT_SECONDS = 15.0


class NoRetry(RetryPolicy):  # type: ignore[misc]
    """Hands every error on: a conditional write that is sent again may refuse itself, and who
    settles one has to see what kind of error it is."""

    def on_write_timeout(self, *args: Any, **kwargs: Any) -> tuple[int, None]:
        return self.RETHROW, None

    on_read_timeout = on_unavailable = on_request_error = on_write_timeout


class AnsweringFirst(TokenAwarePolicy):  # type: ignore[misc]
    """The first replica that is up, then the others; those that lately left a write unanswered
    come last, the latest at the very end: they may hang, and still count as up.

    All statements of a partition so go through one node, which keeps two conditional writes on
    one profile from outbidding each other (Paxos ballots). No policy of the cluster may shuffle
    the replicas: the driver shuffles the list that all of them share.
    """

    def __init__(self, local_dc: str) -> None:
        super().__init__(DCAwareRoundRobinPolicy(local_dc=local_dc), shuffle_replicas=False)
        self._silent_at: dict[Any, float] = {}

    def put_last(self, nodes: Iterable[Any]) -> None:
        self._silent_at |= dict.fromkeys(nodes, time.monotonic())

    def make_query_plan(self, *args: Any, **kwargs: Any) -> list[Any]:
        long_ago = time.monotonic() - _SILENT_SECONDS
        nodes = super().make_query_plan(*args, **kwargs)
        return sorted(nodes, key=lambda node: max(self._silent_at.get(node, 0.0), long_ago))


def execution_profiles(local_dc: str) -> dict[Any, ExecutionProfile]:
    """Reads are sent again where they are slow, conditional writes once; one that is not answered
    is settled, and sent again, through another node."""
    profile = partial(ExecutionProfile, AnsweringFirst(local_dc), row_factory=tuple_factory)
    quorum, serial = ConsistencyLevel.LOCAL_QUORUM, ConsistencyLevel.LOCAL_SERIAL
    return {
        READ: profile(consistency_level=quorum, request_timeout=SECONDS[READ]),
        CAS: profile(
            consistency_level=quorum,
            serial_consistency_level=serial,
            request_timeout=SECONDS[CAS],
            retry_policy=NoRetry(),
        ),
        SETTLE: profile(
            consistency_level=serial,
            request_timeout=SECONDS[SETTLE],
            retry_policy=NoRetry(),
        ),
    }

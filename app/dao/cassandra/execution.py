"""How statements are sent: to which node, at which consistency, how long, and how often."""

from typing import Any

from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT, ExecutionProfile
from cassandra.policies import (
    DCAwareRoundRobinPolicy,
    RetryPolicy,
    TokenAwarePolicy,
)
from cassandra.query import tuple_factory

READ = EXEC_PROFILE_DEFAULT
CAS = "cas"
CAS_AGAIN = "cas_again"
SETTLE = "settle"

SECONDS = {READ: 3.0, CAS: 4.0, CAS_AGAIN: 4.0, SETTLE: 4.0}
"""How long an answer is waited for at most, with each profile."""


AGAIN_AFTER = {READ: 0.1, SETTLE: 1.0}
"""After how long another node is asked too. Only what may be done twice is sent so: reads, and
writes with a time of their own. `Sending` keeps these times, not the driver."""


class NoRetry(RetryPolicy):  # type: ignore[misc]
    """Hands every error on: a conditional write that is sent again may refuse itself, and who
    settles one has to see what kind of error it is."""

    def on_write_timeout(self, *args: Any, **kwargs: Any) -> tuple[int, None]:
        return self.RETHROW, None

    on_read_timeout = on_unavailable = on_request_error = on_write_timeout


class OthersFirst(TokenAwarePolicy):  # type: ignore[misc]
    """The node that conditional writes go to comes last: it may be the one that hangs."""

    def make_query_plan(self, *args: Any, **kwargs: Any) -> list[Any]:
        nodes = list(super().make_query_plan(*args, **kwargs))
        return nodes[1:] + nodes[:1]


def execution_profiles(local_dc: str) -> dict[Any, ExecutionProfile]:
    """Reads go to any replica and again when slow, conditional writes are sent once.

    Those go to the first replica of the partition, which keeps two of them on one profile
    from outbidding each other (Paxos ballots). One that it does not answer is settled, and
    sent again, through another.
    """

    def profile(nodes: type[TokenAwarePolicy], *, shuffle: bool, **options: Any) -> Any:
        policy = nodes(DCAwareRoundRobinPolicy(local_dc=local_dc), shuffle_replicas=shuffle)
        return ExecutionProfile(policy, row_factory=tuple_factory, **options)

    quorum, serial = ConsistencyLevel.LOCAL_QUORUM, ConsistencyLevel.LOCAL_SERIAL
    conditional = {
        "consistency_level": quorum,
        "serial_consistency_level": serial,
        "request_timeout": SECONDS[CAS],
        "retry_policy": NoRetry(),
    }
    return {
        READ: profile(
            TokenAwarePolicy,
            shuffle=True,
            consistency_level=quorum,
            request_timeout=SECONDS[READ],
        ),
        CAS: profile(TokenAwarePolicy, shuffle=False, **conditional),
        CAS_AGAIN: profile(OthersFirst, shuffle=False, **conditional),
        SETTLE: profile(
            OthersFirst,
            shuffle=False,
            consistency_level=serial,
            request_timeout=SECONDS[SETTLE],
            retry_policy=NoRetry(),
        ),
    }

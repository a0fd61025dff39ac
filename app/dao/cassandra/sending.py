"""Statements sent and waited for, together, and again through another node where one is slow.

The driver's own time-outs and speculative executions are timers of its event loop, one or two
for each statement. Here whoever waits keeps the time.
"""

import time
from collections.abc import Sequence
from queue import Empty
from typing import Any, TypeAlias

from cassandra import OperationTimedOut
from cassandra.cluster import ResponseFuture, ResultSet
from cassandra.query import BatchStatement, BoundStatement

from app.concurrency import waiting
from app.concurrency.waiting import Mailbox

Statement: TypeAlias = BatchStatement | BoundStatement


class Sending:
    """Some statements that were sent through ``session``, each in a place of its own."""

    def __init__(self, session: Any, profile: Any, statements: Sequence[Statement]) -> None:
        self._session = session
        self._profile = profile
        self._statements = statements
        self._answers: Mailbox[tuple[int, ResponseFuture]] = waiting.current().mailbox()
        self._found: dict[int, ResultSet] = {}
        self._open = [1] * len(statements)
        self._sent = [self._send(place) for place in range(len(statements))]

    def results(self, seconds: float, again_after: float | None = None) -> list[ResultSet]:
        """All results, in order, in ``seconds``.

        Those that have not come ``again_after`` seconds are asked for again, where there is
        another node to ask.

        :raises OperationTimedOut: some did not come. Also every other error of the driver.
        """
        end = time.monotonic() + seconds
        if again_after is not None and again_after < seconds:
            self._collect(end - seconds + again_after)
            for place in self._missing():
                self._send_elsewhere(place)
        self._collect(end)
        for place in self._missing():
            raise OperationTimedOut({}, self._sent[place].attempted_hosts[-1:])
        return [self._found[place] for place in range(len(self._statements))]

    def put_last(self) -> None:
        """Let the nodes that were asked come last for a while (`AnsweringFirst`)."""
        self._policy.put_last(node for future in self._sent for node in future.attempted_hosts)

    @property
    def _policy(self) -> Any:
        return self._session.get_execution_profile(self._profile).load_balancing_policy

    def _collect(self, end: float) -> None:
        """Take what comes until ``end``, or all has come."""
        while len(self._found) < len(self._statements):
            try:
                place, future = self._answers.get(timeout=max(end - time.monotonic(), 0))
            except Empty:
                return
            self._open[place] -= 1
            try:
                self._found.setdefault(place, future.result())
            except Exception:
                if not self._open[place] and place not in self._found:
                    raise

    def _missing(self) -> list[int]:
        return [place for place in range(len(self._statements)) if place not in self._found]

    def _send(self, place: int, host: Any = None) -> ResponseFuture:
        future = self._session.execute_async(
            self._statements[place], timeout=None, execution_profile=self._profile, host=host
        )

        def came(_: Any) -> None:
            self._answers.put((place, future))

        future.add_callbacks(came, came)
        return future

    def _send_elsewhere(self, place: int) -> None:
        tried, statement = self._sent[place].attempted_hosts, self._statements[place]
        nodes = self._policy.make_query_plan(self._session.keyspace, statement)
        other = next((node for node in nodes if node not in tried), None)
        if other is not None:
            self._open[place] += 1
            self._send(place, other)

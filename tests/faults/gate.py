"""What a proxy in front of several instances does: it sends requests to those that are in."""

import multiprocessing
import time
from multiprocessing.context import SpawnContext

from tests.support.server import wait_until

CONTEXT: SpawnContext = multiprocessing.get_context("spawn")
SHUT_PAUSE_SECONDS = 0.01
_OUTSIDE = -1


class Gate:
    """Shared by the clients of all processes. Instances and clients count from 0."""

    def __init__(self, instances: int, clients: int) -> None:
        self._shut = CONTEXT.Array("b", instances)
        self._entering = CONTEXT.Array("b", [_OUTSIDE] * clients, lock=False)

    def enter(self, client: int, turn: int) -> int:
        """The next instance that is in, from ``turn`` on; the client is about to send."""
        while True:
            with self._shut.get_lock():
                count = len(self._shut)
                for instance in (each % count for each in range(turn, turn + count)):
                    if not self._shut[instance]:
                        self._entering[client] = instance
                        return instance
            time.sleep(SHUT_PAUSE_SECONDS)

    def passed(self, client: int) -> None:
        """Its request has been sent, or never will be."""
        self._entering[client] = _OUTSIDE

    def take_out(self, instance: int) -> None:
        """Send nothing to the instance from here on; what was sent is still under way."""
        with self._shut.get_lock():
            self._shut[instance] = 1
        wait_until(lambda: instance not in list(self._entering))

    def put_back(self, instance: int) -> None:
        with self._shut.get_lock():
            self._shut[instance] = 0

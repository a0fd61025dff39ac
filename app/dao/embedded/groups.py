"""Changes of several threads in one transaction, so that they wait for the disk once."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import apsw

from app.dao.embedded.connection import Connections
from app.dao.errors import OutcomeUnknown

Work = Callable[[apsw.Connection], None]


@dataclass(eq=False, slots=True)
class _Waiting:
    """A change that a thread waits for; ``error`` is what became of it, None: it is applied."""

    work: Work
    done: bool = False
    error: Exception | None = None


class Groups:
    """While one transaction is written to the disk, the changes that come meanwhile gather;
    the first of their threads then applies them all."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._leading = threading.Lock()
        self._gathering = threading.Lock()
        self._gathered: list[_Waiting] = []

    def apply(self, work: Work) -> None:
        """``work`` in a transaction, which others may share; what it raises undoes it alone.

        Raises what `Connections.transaction` does, and what ``work`` does.
        """
        mine = _Waiting(work)
        with self._gathering:
            self._gathered.append(mine)
        with self._leading:
            if not mine.done:
                self._apply_all()
        if mine.error:
            raise mine.error

    def _apply_all(self) -> None:
        with self._gathering:
            group, self._gathered = self._gathered, []
        failed: Exception | None = OutcomeUnknown("the thread that wrote it has ended")
        try:
            with self._connections.transaction() as connection:
                for each in group:
                    each.error = _error_of(each.work, connection)
            failed = None
        except Exception as error:  # noqa: BLE001 - each of the group raises it
            failed = error
        finally:
            for each in group:
                each.done, each.error = True, failed or each.error


def _error_of(work: Work, connection: apsw.Connection) -> Exception | None:
    """What stopped ``work``, which then has changed nothing; None: nothing did."""
    stopped: Exception | None = None
    connection.execute("SAVEPOINT one")
    try:
        work(connection)
    except apsw.Error:
        raise
    except Exception as error:  # noqa: BLE001 - the thread that waits for it raises it
        stopped = error
        connection.execute("ROLLBACK TO one")
    connection.execute("RELEASE one")
    return stopped

"""One writer per process: the changes that wait are committed together, one fsync for all.

While one transaction is written to the disk, further changes gather. Each is applied or refused
by itself (a savepoint), and told so by itself.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue

import apsw

from app.concurrency import deadline, waiting
from app.concurrency.waiting import Mailbox
from app.dao.embedded.connection import Connections
from app.dao.errors import DeadlineExceeded, OutcomeUnknown, StoreUnavailable

Work = Callable[[apsw.Connection], None]

MOST_TOGETHER = 64
LATE_SECONDS = 5.0
"""How long after its deadline a change that has begun is waited for."""


class _Pending:
    """A change on its way: begun by the writer, or withdrawn by the one who waits for it."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.end = deadline.end()
        self._outcome: Mailbox[BaseException | None] = waiting.current().mailbox()
        self._settled = threading.Lock()
        self._has_begun = False

    def begin(self) -> bool:
        """For the writer: whether it is still waited for, and is not withdrawn from here on."""
        if not self._has_begun:
            self._has_begun = self._settled.acquire(blocking=False)
        return self._has_begun

    def _withdraw(self) -> bool:
        return self._settled.acquire(blocking=False)

    def tell(self, error: BaseException | None) -> None:
        """``error``: what became of it, None: it is applied."""
        self._outcome.put(error)

    def wait(self) -> None:
        """Until it is applied. Raises what has become of it otherwise."""
        error: BaseException | None
        try:
            error = self._outcome.get(timeout=deadline.left(waiting.LONGEST_WAIT))
        except Empty:
            withdrawn = self._withdraw()
            error = DeadlineExceeded("it had to wait too long") if withdrawn else self._late()
        if error:
            raise error

    def _late(self) -> BaseException | None:
        try:
            return self._outcome.get(timeout=LATE_SECONDS)
        except Empty:
            return OutcomeUnknown("the transaction has not ended in time")


class GroupCommit:
    """The writer of one process to one file."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._gathered: SimpleQueue[_Pending | None] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def apply(self, work: Work) -> None:
        """``work`` in a transaction, which others may share; what it raises undoes it alone.

        Raises what `Connections.transaction` does, and what ``work`` does.
        """
        deadline.check()
        self._start()
        mine = _Pending(work)
        self._gathered.put(mine)
        mine.wait()

    def close(self) -> None:
        """End the thread, when what waits is done."""
        with self._starting:
            if self._thread:
                self._gathered.put(None)
                self._thread.join()
            self._thread = None

    def _start(self) -> None:
        """The thread begins with the first change, so after a fork."""
        if self._thread:
            return
        with self._starting:
            if not self._thread:
                self._thread = threading.Thread(target=self._run, daemon=True, name="writer")
                self._thread.start()

    def _run(self) -> None:
        while first := self._gathered.get():
            self._apply_all([first], MOST_TOGETHER - 1)

    def _more(self, most: int) -> Iterator[_Pending]:
        """Up to ``most`` of those that wait now."""
        with suppress(Empty):
            for _ in range(most):
                if (pending := self._gathered.get_nowait()) is None:
                    self._gathered.put(None)  # for `_run`
                    return
                yield pending

    def _apply_all(self, group: list[_Pending], most_further: int) -> None:
        """Together; where that fails, one by one, so that one cannot fail the others."""
        try:
            outcomes = self._committed(group, most_further)
        except BaseException as error:  # noqa: BLE001 - whoever waits for it raises it
            if len(group) > 1 and _left_all_as_it_was(error):
                for each in group:
                    self._apply_all([each], 0)
                return
            outcomes = {each: error for each in group if each.begin()}
        for each, outcome in outcomes.items():
            each.tell(outcome)

    def _committed(
        self, group: list[_Pending], most_further: int
    ) -> dict[_Pending, BaseException | None]:
        """What stopped each that is still waited for, None: it is applied. Raises what failed all
        of them.

        While another process writes, each may be withdrawn, and more gather: up to
        ``most_further`` of them come into ``group``.
        """
        with (
            deadline.until(max(each.end for each in group)),
            self._connections.transaction() as connection,
        ):
            group += self._more(most_further)
            return {each: _error_of(each, connection) for each in group if each.begin()}


def _left_all_as_it_was(error: BaseException) -> bool:
    return isinstance(error, StoreUnavailable) and not isinstance(error, OutcomeUnknown)


def _error_of(pending: _Pending, connection: apsw.Connection) -> Exception | None:
    """What stopped a change, which then has changed nothing; None: nothing did."""
    stopped: Exception | None = None
    connection.execute("SAVEPOINT one")
    try:
        with deadline.until(pending.end):
            deadline.check()
            pending.work(connection)
    except apsw.Error:
        raise
    except Exception as error:  # noqa: BLE001 - whoever waits for it raises it
        stopped = error
        connection.execute("ROLLBACK TO one")
    connection.execute("RELEASE one")
    return stopped

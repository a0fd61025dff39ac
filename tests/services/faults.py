"""A store whose commits end where a test says, as when the process dies or an answer is lost."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.dao.base import Dao
from app.dao.errors import OutcomeUnknown, ValueTaken
from app.dao.measured import MeasuredDao
from app.dao.values import Change, Once, ProfileKey, State, StoredProfile


class Crash(BaseException):
    """Nothing in the service catches it."""


class Moment(StrEnum):
    """Before or after the real commit."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Fault:
    """``error`` is raised at the commit number ``step``, counted from 1."""

    step: int
    moment: Moment
    error: type[BaseException]


ERRORS: tuple[type[BaseException], ...] = (Crash, OutcomeUnknown)


class Delegate(MeasuredDao):
    """Does what the real store does."""

    def __init__(self, dao: Dao) -> None:
        super().__init__(dao)
        self.real = dao

    def close(self) -> None:
        """The real store belongs to the test."""


class FaultyDao(Delegate):
    """Meets ``fault`` at one of its commits."""

    def __init__(self, dao: Dao, fault: Fault) -> None:
        super().__init__(dao)
        self._fault = fault
        self.commits = 0

    def commit(self, change: Change) -> None:
        self.commits += 1
        if self.commits != self._fault.step:
            self.real.commit(change)
            return
        if self._fault.moment is Moment.AFTER:
            self.real.commit(change)
        raise self._fault.error("as the test asks for")


class UnfinishedDao(Delegate):
    """Dies before ``source``, merged into another profile, becomes an alias of it."""

    def __init__(self, dao: Dao, source: ProfileKey) -> None:
        super().__init__(dao)
        self._source = source

    def commit(self, change: Change) -> None:
        if change.key == self._source and change.state is State.ALIAS:
            raise Crash
        self.real.commit(change)


class InterruptedRefusals(Delegate):
    """Calls ``meanwhile`` once, when a unique value was taken and before that is told."""

    def __init__(self, dao: Dao, meanwhile: Callable[[], object]) -> None:
        super().__init__(dao)
        self._meanwhile = [meanwhile]

    def commit(self, change: Change) -> None:
        try:
            self.real.commit(change)
        except ValueTaken:
            if self._meanwhile:
                self._meanwhile.pop()()
            raise


class WatchedDao(Delegate):
    """Calls ``watch`` before its first commit and after each one."""

    def __init__(self, dao: Dao, watch: Callable[[], None]) -> None:
        super().__init__(dao)
        self._watch = watch
        self.commits = 0

    def commit(self, change: Change) -> None:
        if not self.commits:
            self._watch()
        self.real.commit(change)
        self.commits += 1
        self._watch()


class HastyDao(Delegate):
    """For tests in which no write can come late: jobs need not wait for any."""

    late_seconds = 0.0


class SteppedDao(HastyDao):
    """Calls ``step`` with the count of commits so far, after each one."""

    def __init__(self, dao: Dao, step: Callable[[int], None]) -> None:
        super().__init__(dao)
        self._step = step
        self._commits = 0

    def commit(self, change: Change) -> None:
        self.real.commit(change)
        self._commits += 1
        self._step(self._commits)


class InterruptedReads(HastyDao):
    """Calls ``meanwhile`` once, just before a profile is read for a change."""

    def __init__(self, dao: Dao, meanwhile: Callable[[], None]) -> None:
        super().__init__(dao)
        self._meanwhile = [meanwhile]

    def get(
        self,
        key: ProfileKey,
        extensions: Iterable[str] = (),
        *,
        for_change: bool = False,
        once: Once | None = None,
    ) -> StoredProfile | None:
        if for_change and self._meanwhile:
            self._meanwhile.pop()()
        return self.real.get(key, extensions, for_change=for_change, once=once)

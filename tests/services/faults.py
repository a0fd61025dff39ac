"""A store whose commits end where a test says, as when the process dies or an answer is lost."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.dao.base import Dao
from app.dao.errors import OutcomeUnknown
from app.dao.findings import Finding
from app.dao.values import (
    Change,
    DocumentKey,
    PastVersion,
    ProfileKey,
    ScanPage,
    State,
    StoredDocument,
    StoredProfile,
    StoreStatus,
)


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


class Delegate(Dao):
    """Does what the real store does."""

    def __init__(self, dao: Dao) -> None:
        self.real = dao

    @property
    def late_seconds(self) -> float:
        return self.real.late_seconds

    def get(
        self, key: ProfileKey, extensions: Iterable[str] = (), *, for_change: bool = False
    ) -> StoredProfile | None:
        return self.real.get(key, extensions, for_change=for_change)

    def commit(self, change: Change) -> None:
        self.real.commit(change)

    def past(self, *arguments: Any, **named: Any) -> list[PastVersion]:
        return self.real.past(*arguments, **named)

    def find(self, *arguments: Any, **named: Any) -> list[str]:
        return self.real.find(*arguments, **named)

    def scan(self, tenant: int, start: str | None, limit: int) -> ScanPage:
        return self.real.scan(tenant, start, limit)

    def get_document(self, key: DocumentKey) -> StoredDocument | None:
        return self.real.get_document(key)

    def list_documents(self, scope: int, kind: str) -> list[StoredDocument]:
        return self.real.list_documents(scope, kind)

    def list_scopes(self, kind: str) -> list[int]:
        return self.real.list_scopes(kind)

    def put_document(self, *arguments: Any, **named: Any) -> None:
        self.real.put_document(*arguments, **named)

    def delete_document(self, key: DocumentKey, expected: UUID) -> None:
        self.real.delete_document(key, expected)

    def status(self) -> StoreStatus:
        return self.real.status()

    def examine(self) -> list[Finding]:
        return self.real.examine()

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
        self, key: ProfileKey, extensions: Iterable[str] = (), *, for_change: bool = False
    ) -> StoredProfile | None:
        if for_change and self._meanwhile:
            self._meanwhile.pop()()
        return self.real.get(key, extensions, for_change=for_change)

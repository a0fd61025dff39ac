"""The loop around a conditional write: read, work out the change, commit, or start again."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from app.concurrency import deadline, waiting
from app.dao.base import ProfileDao
from app.dao.errors import ValueTaken, VersionConflict
from app.dao.values import Change, ProfileKey, State, StoredProfile
from app.services import receipts
from app.services.changes import Terms
from app.services.definitions import Definitions, Revision
from app.services.errors import StoreBusy, UniqueKeyTaken
from app.services.survivors import UNSETTLED, Survivors
from app.watching import metrics

MAX_ATTEMPTS = 30
FIRST_PAUSE = 0.002
LONGEST_PAUSE = 0.1

NextChange = Callable[[StoredProfile | None], Change]


@dataclass(frozen=True, slots=True)
class Applied:
    """A change that was applied, and what was stored before it as far as it was read."""

    change: Change
    before: StoredProfile | None


class Writer:
    """Writes profiles. Raises `StoreUnavailable` where the store cannot be asked."""

    def __init__(self, dao: ProfileDao, definitions: Definitions, survivors: Survivors) -> None:
        self._dao = dao
        self._definitions = definitions
        self._survivors = survivors

    def write(
        self,
        key: ProfileKey,
        terms: Terms,
        next_change: NextChange,
        *,
        extensions: Iterable[str] = (),
        likely_new: bool = False,
    ) -> Applied:
        """Commit ``next_change`` of what is stored, with the rows of ``extensions``.

        ``next_change`` makes its change under ``terms``.

        ``next_change`` raises what refuses the operation. It is called again with what another
        writer left, so the refusal or the change always fits what is stored. ``likely_new``
        spares the first read.

        :raises StoreBusy: other writers were faster `MAX_ATTEMPTS` times.
        :raises UniqueKeyTaken: another profile has values that the change claims.
        :raises DefinitionChanged: the revision is not in force any more.
        :raises AlreadyDone: the change was to be done once, and was; see `receipts.check`.
        """
        names, once = tuple(extensions), terms.once
        stored = None if likely_new else self._survivors.for_change(key, names, once)
        for pause in pauses("write"):
            receipts.check(key, stored, once)
            if stored is None or stored.state not in UNSETTLED:
                change = next_change(stored)
                try:
                    self.commit(change, terms.revision)
                except VersionConflict:
                    pass
                except UniqueKeyTaken:
                    # What refuses the profile itself comes first, where it was not looked at.
                    if stored or self._survivors.for_change(key) is None:
                        raise
                else:
                    return Applied(change, stored)
            waiting.sleep(pause)
            stored = self._survivors.for_change(key, names, once)
        raise StoreBusy

    def commit(self, change: Change, revision: Revision) -> None:
        """Commit once, under ``revision``.

        :raises VersionConflict: another writer was faster. Others as `write`.
        """
        self._definitions.confirm(revision)
        try:
            self._dao.commit(change)
        except ValueTaken as error:
            if not self._still_taken(change):
                raise VersionConflict from None
            names = {key.stored_as: key.name for key in revision.definition.keys}
            raise UniqueKeyTaken(names.get(error.key, error.key)) from None

    def _still_taken(self, change: Change) -> bool:
        """Whether another profile still has a unique value that ``change`` claims.

        One that was merged away does not: that merge is finished on the way, if it was not.
        """
        claimed = {each for part in change.entries.values() for each in part if each.claimed}
        holders = {
            customer_id
            for entry in claimed
            for customer_id in self._dao.find(change.key.tenant, entry.key, entry.value)
        }
        others = holders - {change.key.customer_id, change.source}
        return any(self._holds(replace(change.key, customer_id=each)) for each in others)

    def _holds(self, key: ProfileKey) -> bool:
        stored = self._dao.get(key, for_change=True)
        if stored and stored.state in UNSETTLED and self._survivors.is_done(key, stored):
            self._survivors.settle(key, stored)
            return False
        return stored is not None and stored.state not in {State.ALIAS, State.DELETED}


def pauses(operation: str) -> Iterator[float]:
    """Growing random pauses, so that writers of one profile spread out.

    Each one after the first is a retry of ``operation``, and counted.

    :raises DeadlineExceeded: there is no time for another one.
    """
    for attempt in range(MAX_ATTEMPTS):
        if attempt:
            deadline.check()
            metrics.RETRIES.labels(operation).inc()
        yield random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt))  # noqa: S311

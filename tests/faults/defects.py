"""Stores with one defect each, which a run has to show."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

import orjson

from app.dao.base import Dao
from app.dao.errors import VersionConflict
from app.dao.values import Change, Once, Operation, ProfileKey, State, StoredProfile, Version
from tests.services.faults import Delegate

EVERY = 5


class Defective(Delegate):
    """Does wrong one time in `EVERY`, where it can."""

    def __init__(self, dao: Dao) -> None:
        super().__init__(dao)
        self._turns = count(1)

    def its_turn(self) -> bool:
        return next(self._turns) % EVERY == 0


class Forgetful(Defective):
    """Acknowledges without writing."""

    def commit(self, change: Change) -> None:
        if change.operation is not Operation.UPDATE or not self.its_turn():
            self.real.commit(change)


class Repeating(Defective):
    """Writes, and says that another writer was faster, so that the write is made again."""

    def commit(self, change: Change) -> None:
        self.real.commit(change)
        if change.operation is Operation.INSERT_RECORDS and self.its_turn():
            raise VersionConflict


class Overtaking(Defective):
    """Writes on top of whatever another writer was faster with."""

    def commit(self, change: Change) -> None:
        try:
            self.real.commit(change)
        except VersionConflict:
            stored = self.real.get(change.key, for_change=True)
            if stored is None or stored.state is not State.LIVE:
                raise
            if change.operation is not Operation.UPDATE:
                raise
            version = Version(stored.version.number + 1, change.version.write_id)
            self.real.commit(
                replace(change, expected=stored.version, version=version, basis=stored.basis)
            )


class Mixing(Defective):
    """Leaves an attribute as another write had it."""

    _before = b"{}"

    def commit(self, change: Change) -> None:
        attributes, before = orjson.loads(change.attributes), orjson.loads(self._before)
        self._before = change.attributes
        if change.operation is Operation.UPDATE and "Title" in before and self.its_turn():
            mixed = attributes | {"Title": before["Title"]}
            change = replace(change, attributes=orjson.dumps(mixed))
        self.real.commit(change)


class Unindexed(Defective):
    """Leaves the entries that a profile is found by as they were."""

    def commit(self, change: Change) -> None:
        turn = change.operation is Operation.UPDATE and self.its_turn()
        self.real.commit(replace(change, entries={}) if turn else change)


class Stale(Defective):
    """Answers what it read before."""

    def __init__(self, dao: Dao) -> None:
        super().__init__(dao)
        self._known: dict[tuple[ProfileKey, tuple[str, ...]], StoredProfile | None] = {}

    def get(
        self,
        key: ProfileKey,
        extensions: Iterable[str] = (),
        *,
        for_change: bool = False,
        once: Once | None = None,
    ) -> StoredProfile | None:
        names = tuple(extensions)
        if for_change or once:
            return self.real.get(key, names, for_change=for_change, once=once)
        if (key, names) not in self._known or not self.its_turn():
            self._known[key, names] = self.real.get(key, names)
        return self._known[key, names]

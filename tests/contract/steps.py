"""What many contract tests do in between."""

import time
from collections.abc import Callable
from typing import TypeVar

from app.dao.base import ProfileDao
from app.dao.errors import VersionConflict
from app.dao.values import Change, ProfileKey, StoredProfile
from schemas.identity import Entry

PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.02

T = TypeVar("T")


def read(dao: ProfileDao, key: ProfileKey, *extensions: str) -> StoredProfile:
    """What a next change is based on."""
    stored = dao.get(key, extensions, for_change=True)
    assert stored is not None
    return stored


def committed(dao: ProfileDao, change: Change) -> StoredProfile:
    """``change`` applied, and what is stored then."""
    dao.commit(change)
    return read(dao, change.key)


def found(dao: ProfileDao, tenant: int, entry: Entry) -> list[str]:
    return dao.find(tenant, entry.key, entry.value)


def commit_again(
    dao: ProfileDao, key: ProfileKey, change_of: Callable[[StoredProfile | None], Change]
) -> Change:
    """Commit over whatever is stored, again as long as another writer comes between."""
    return until(lambda: _attempt(dao, key, change_of))


def until(attempt: Callable[[], T | None]) -> T:
    """What ``attempt`` gives as soon as that is something; fail when it takes too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (given := attempt()) is None:
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(PAUSE_SECONDS)
    return given


def _attempt(
    dao: ProfileDao, key: ProfileKey, change_of: Callable[[StoredProfile | None], Change]
) -> Change | None:
    change = change_of(dao.get(key, for_change=True))
    try:
        dao.commit(change)
    except VersionConflict:
        return None
    return change

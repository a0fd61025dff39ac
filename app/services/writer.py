"""The loop around a conditional write: read, work out the change, commit, or start again."""

import random
import time
from collections.abc import Callable, Iterable, Iterator

from app.dao.base import Change, ProfileDao, ProfileKey, StoredProfile, VersionConflict
from app.services.changes import outcome
from app.services.errors import StoreBusy

MAX_ATTEMPTS = 30
FIRST_PAUSE = 0.002
LONGEST_PAUSE = 0.1

NextChange = Callable[[StoredProfile | None], Change]


def write(
    dao: ProfileDao,
    key: ProfileKey,
    next_change: NextChange,
    *,
    extensions: Iterable[str] = (),
    likely_new: bool = False,
) -> StoredProfile:
    """Commit ``next_change`` of what is stored, and return the profile as it then is.

    ``next_change`` raises what refuses the operation. It is called again with what another
    writer left, so the refusal or the change always fits what is stored. ``likely_new``
    spares the first read.

    :raises StoreBusy: other writers were faster `MAX_ATTEMPTS` times.
    """
    stored = None if likely_new else dao.get(key, extensions, for_change=True)
    for pause in _pauses():
        change = next_change(stored)
        try:
            dao.commit(change)
        except VersionConflict:
            time.sleep(pause)
            stored = dao.get(key, extensions, for_change=True)
        else:
            return outcome(change, stored)
    raise StoreBusy


def _pauses() -> Iterator[float]:
    """Growing random pauses, so that writers of one profile spread out."""
    for attempt in range(MAX_ATTEMPTS):
        yield random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt))  # noqa: S311

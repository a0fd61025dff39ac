"""Copying what one store keeps of a tenant into another one: its definition, and profiles."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from app.dao.base import Dao
from app.dao.errors import ValueTaken, VersionConflict
from app.dao.values import DEFINITION, DocumentKey, ProfileKey, StoredProfile
from app.services.cursors import SECRET
from app.services.definitions import Definitions, Revision
from app.services.errors import ProfileTooLarge, StoreBusy
from app.services.jobs import Jobs
from app.services.replay import Diverged, Replay
from app.services.scanning import pages
from app.services.survivors import UNSETTLED, Survivors
from app.services.writer import pauses

# What is held in memory at a time: these, each at most 3 MiB, and as many past versions.
PROFILES_PER_PAGE = 100

_TAKEN = "another profile of the target has its values of a unique key"
_DIVERGED = "was changed in the target"
_BUSY = "others are writing it"
_TOO_LARGE = "is larger than a profile may be"


class CopyRefused(Exception):
    """A tenant cannot be copied; the message says why, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Left:
    """A profile that was not copied, and why."""

    customer_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Copied:
    """Profiles that are done: ``met`` of them, ``copied`` were not yet as in the source."""

    met: int
    copied: int
    left: tuple[Left, ...] = ()


class Copier:
    """Copies from ``source`` to ``target``, what is the same already stays untouched.

    So it may be repeated, after an interruption or to catch up. Profiles may be written at the
    source meanwhile, the definition may not be changed.
    """

    def __init__(
        self, source: Dao, target: Dao, definitions: Definitions, keep_past_for: int
    ) -> None:
        """``definitions``: those of the source."""
        self._source = source
        self._target = target
        self._definitions = definitions
        self._survivors = Survivors(source, keep_past_for)
        self._replay = Replay(source, target, keep_past_for)

    def tenants(self) -> list[int]:
        """All that ever had a profile, or a definition of their own."""
        return self._source.list_scopes(DEFINITION)

    def copy_secret(self) -> None:
        """Let cursors stay good, unless the target has given out some itself."""
        stored = self._source.get_document(SECRET)
        if stored:
            with suppress(VersionConflict):
                self._target.put_document(SECRET, stored.content, expected=None, tag=stored.tag)

    def copy(self, tenant: int, threads: int) -> Iterator[Copied]:
        """Copy the definition, then all profiles, several at a time; yields page by page.

        Those that another profile or writer stands in the way of are tried again at the end,
        as long as that helps.

        :raises CopyRefused: at the beginning, or at the end where the definition was changed.
        """
        revision = self._copy_definition(tenant)
        with ThreadPoolExecutor(threads) as pool:
            waiting = list[Left]()
            for page in pages(self._source, tenant, PROFILES_PER_PAGE):
                yield self._copy_page(revision, page.customer_ids, pool, waiting)
            while waiting:
                tried, waiting = waiting, []
                ids = [each.customer_id for each in tried]
                yield self._copy_page(revision, ids, pool, waiting)
                if len(waiting) == len(tried):
                    yield Copied(len(waiting), 0, tuple(waiting))
                    break
        if self._definitions.refreshed(tenant).tag != revision.tag:
            raise CopyRefused(
                f"The definition of tenant {tenant} was changed while it was copied; copy it"
                " again into an empty store."
            )

    def _copy_definition(self, tenant: int) -> Revision:
        revision = self._definitions.refreshed(tenant)
        if not revision.stored:
            raise CopyRefused(f"There is no tenant {tenant} in the source.")
        if any(job.tenant == tenant for job, _ in Jobs(self._source).unfinished()):
            raise CopyRefused(
                f"Tenant {tenant} has background jobs that are not finished; let a running service"
                " finish them, or `profiles definition apply --wait`."
            )
        key = DocumentKey(tenant, DEFINITION)
        stored, there = self._source.get_document(key), self._target.get_document(key)
        if there is None and stored is not None:
            self._target.put_document(key, stored.content, expected=None, tag=stored.tag)
        elif there is None or there.tag != revision.tag:
            raise CopyRefused(
                f"Tenant {tenant} has another definition in the target; copy into an empty store."
            )
        return revision

    def _copy_page(
        self, revision: Revision, ids: Iterable[str], pool: Executor, waiting: list[Left]
    ) -> Copied:
        """Copy some profiles; those to be tried again go to ``waiting``, and do not count."""
        outcomes = list(pool.map(lambda each: self._copy_one(revision, each), ids))
        left = [each for each in outcomes if isinstance(each, Left)]
        again = [each for each in left if each.why in {_TAKEN, _BUSY}]
        waiting += again
        final = tuple(each for each in left if each not in again)
        return Copied(len(outcomes) - len(again), outcomes.count(True), final)

    def _copy_one(self, revision: Revision, customer_id: str) -> "bool | Left":
        """Whether the target had to be changed; `Left` where it could not be."""
        key = ProfileKey(revision.tenant, customer_id)
        try:
            stored = self._settled(key, revision)
            return stored is not None and self._replay.bring(key, stored, revision)
        except Diverged:
            return Left(customer_id, _DIVERGED)
        except ProfileTooLarge:
            return Left(customer_id, _TOO_LARGE)
        except ValueTaken:
            return Left(customer_id, _TAKEN)
        except (VersionConflict, StoreBusy):
            return Left(customer_id, _BUSY)

    def _settled(self, key: ProfileKey, revision: Revision) -> StoredProfile | None:
        """The profile with all its records, in no state that is a step of a merge.

        :raises StoreBusy: merges are under way all the time.
        """
        for pause in pauses("copy"):
            stored = self._source.get(key, revision.schema.rows, for_change=True)
            if stored is None or stored.state not in UNSETTLED:
                return stored
            self._survivors.settle(key, stored)
            time.sleep(pause)
        raise StoreBusy

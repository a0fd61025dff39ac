"""Bringing all that there is of a tenant into a store: its definition, and its profiles."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from app.dao.base import Dao
from app.dao.errors import ValueTaken, VersionConflict
from app.dao.values import DEFINITION, DocumentKey
from app.services.cursors import SECRET
from app.services.definitions import Revision
from app.services.errors import ProfileTooLarge, StoreBusy, TransferRefused
from app.services.originals import Original, Source
from app.services.replay import Diverged, Replay

_TAKEN = "another profile of the target has its values of a unique key"
_DIVERGED = "was changed in the target"
_BUSY = "others are writing it"
_TOO_LARGE = "is larger than a profile may be"
_PASSING = frozenset({_TAKEN, _BUSY})
"""What may be over once other profiles are copied."""


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


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A profile that is to be tried again, and what stood in its way."""

    original: Original
    left: Left


class Copier:
    """Copies from ``source`` to ``target``, what is the same already stays untouched.

    So it may be repeated, after an interruption or to catch up.
    """

    def __init__(self, source: Source, target: Dao, keep_past_for: int) -> None:
        self._source = source
        self._target = target
        self._replay = Replay(target, keep_past_for)

    def copy_secret(self) -> None:
        """Let cursors stay good, unless the target has given out some itself."""
        stored = self._source.secret()
        if stored:
            with suppress(VersionConflict):
                self._target.put_document(SECRET, stored.content, expected=None, tag=stored.tag)

    def copy(self, tenant: int, threads: int) -> Iterator[Copied]:
        """Copy the definition, then all profiles, several at a time; yields page by page.

        Those that another profile or writer stands in the way of are tried again at the end,
        as long as that helps.

        :raises TransferRefused: at the beginning, or at the end where the definition was changed.
        """
        revision = self._copy_definition(tenant)
        with ThreadPoolExecutor(threads) as pool:
            waiting = list[_Waiting]()
            for page in self._source.pages(revision):
                yield self._copy_page(revision, page.originals, pool, waiting)
            while waiting:
                tried, waiting = waiting, []
                yield self._copy_page(revision, [each.original for each in tried], pool, waiting)
                if len(waiting) == len(tried):
                    yield Copied(len(waiting), 0, tuple(each.left for each in waiting))
                    break
        self._source.confirm(tenant, revision.tag)

    def _copy_definition(self, tenant: int) -> Revision:
        stored, revision = self._source.begin(tenant)
        key = DocumentKey(tenant, DEFINITION)
        there = self._target.get_document(key)
        if there is None:
            self._target.put_document(key, stored.content, expected=None, tag=stored.tag)
        elif there.tag != stored.tag:
            raise TransferRefused(
                f"Tenant {tenant} has another definition in the target; copy into an empty store."
            )
        return revision

    def _copy_page(
        self,
        revision: Revision,
        originals: Sequence[Original],
        pool: Executor,
        waiting: list[_Waiting],
    ) -> Copied:
        """Copy some profiles; those to be tried again go to ``waiting``, and do not count."""
        outcomes = list(pool.map(lambda each: self._copy_one(revision, each), originals))
        met = zip(originals, outcomes, strict=True)
        left = [_Waiting(each, outcome) for each, outcome in met if isinstance(outcome, Left)]
        again = [each for each in left if each.left.why in _PASSING]
        waiting += again
        final = tuple(each.left for each in left if each not in again)
        return Copied(len(outcomes) - len(again), outcomes.count(True), final)

    def _copy_one(self, revision: Revision, original: Original) -> "bool | Left":
        """Whether the target had to be changed; `Left` where it could not be."""
        customer_id = original.key.customer_id
        try:
            stored = original.read()
            return stored is not None and self._replay.bring(original, stored, revision)
        except Diverged:
            return Left(customer_id, _DIVERGED)
        except ProfileTooLarge:
            return Left(customer_id, _TOO_LARGE)
        except ValueTaken:
            return Left(customer_id, _TAKEN)
        except (VersionConflict, StoreBusy):
            return Left(customer_id, _BUSY)

"""Giving stored profiles the entries that they are to be found by."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from app.dao.base import ProfileDao
from app.dao.errors import DefinitionChanged
from app.dao.values import ProfileKey
from app.services.alignment import Alignment
from app.services.definitions import Definitions
from app.services.errors import ProfileTooLarge, UniqueKeyTaken
from app.services.scanning import pages

PROFILES_PER_PAGE = 500


@dataclass(frozen=True, slots=True)
class Missed:
    """A profile that has not all of its entries now, and why."""

    key: ProfileKey
    why: str


@dataclass(frozen=True, slots=True)
class Page:
    """How many profiles are done, all that a page of the scan names, and which not wholly."""

    profiles: int
    missed: tuple[Missed, ...]


class Reindexing:
    """Renews the entries of profiles that are there, while others read and write them.

    Each stays at its version. A profile that has all its entries keeps them.
    """

    def __init__(self, dao: ProfileDao, definitions: Definitions, alignment: Alignment) -> None:
        self._dao = dao
        self._definitions = definitions
        self._alignment = alignment

    def run(self, tenant: int | None, threads: int) -> Iterator[Page]:
        """Renew all profiles of a tenant, None for all tenants; yields after each page.

        :raises StoreUnavailable: in between; it may start again.
        :raises StoreBusy: likewise, when others write the same profiles.
        """
        with ThreadPoolExecutor(threads) as pool:
            for page in pages(self._dao, tenant, PROFILES_PER_PAGE):
                whys = zip(page.keys, pool.map(self._renew, page.keys), strict=True)
                yield Page(len(page.keys), tuple(Missed(key, why) for key, why in whys if why))

    def _renew(self, key: ProfileKey) -> str:
        """Why it has not all of its entries, "" if it has."""
        taken: frozenset[str] = frozenset()
        while True:
            revision = self._definitions.current(key.tenant)
            try:
                self._alignment.renew_entries(key, revision, taken)
            except DefinitionChanged:
                self._definitions.refreshed(key.tenant)
            except UniqueKeyTaken as error:
                taken |= {error.key}
            except ProfileTooLarge:
                return "has more values to be found by than a profile may"
            else:
                names = ", ".join(sorted(taken))
                return f"another profile has its values of the unique key {names}" if taken else ""

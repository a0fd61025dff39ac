"""Writing out all profiles of a tenant, as lines that `app.services.loading` takes back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from app.dao.base import ProfileDao
from app.dao.values import ProfileKey
from app.services.definitions import Definitions
from app.services.profile import document, profile_of
from app.services.scanning import pages
from app.services.survivors import Survivors

# What is held in memory at a time: these, each at most 3 MiB.
PROFILES_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Exported:
    """A line for each live profile among ``met`` profiles; ``next`` is None after the last."""

    lines: tuple[bytes, ...]
    met: int
    next: str | None


class Exporter:
    """Reads the profiles of a tenant with all their extensions, several at a time."""

    def __init__(
        self, dao: ProfileDao, survivors: Survivors, definitions: Definitions, tenant: int
    ) -> None:
        self._dao = dao
        self._survivors = survivors
        self._definitions = definitions
        self._tenant = tenant

    def export(self, start: str | None, threads: int) -> Iterator[Exported]:
        """Page by page, from ``start`` on.

        A profile that exists all the while is met once, and is as it was at one moment.
        """
        with ThreadPoolExecutor(threads) as pool:
            for page in pages(self._dao, self._tenant, PROFILES_PER_PAGE, start):
                lines = pool.map(self._line, page.customer_ids)
                yield Exported(tuple(filter(None, lines)), len(page.customer_ids), page.next)

    def _line(self, customer_id: str) -> bytes:
        """The profile as one line, nothing where there is none, or another one by now."""
        revision = self._definitions.current(self._tenant)
        key = ProfileKey(self._tenant, customer_id)
        read = self._survivors.read(key, revision.schema.rows)
        if read is None or read[0] != key:
            return b""
        return document(profile_of(customer_id, read[1], revision)) + b"\n"

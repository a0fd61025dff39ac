"""Telling all that a source holds as the lines of a backup."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from app import __version__
from app.services.backup_lines import opening_line, profile_line, tenant_line, version_line
from app.services.originals import Original, Source

_BYTES_IN_MEMORY = 1024 * 1024
"""Of the lines of one profile: old versions may be any number, so the rest waits in a file."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on: in a tenant with a definition of this tag, at ``next`` in the scan."""

    tenant: int
    tag: UUID
    next: str | None


@dataclass(frozen=True, slots=True)
class LinePage:
    """Some lines, of ``met`` profiles, to be taken before the next page is.

    ``place`` is where to go on behind them, None where that is not possible.
    """

    lines: Iterable[bytes]
    met: int
    place: Place | None


def line_pages(
    source: Source, tenants: Sequence[int], threads: int, place: Place | None = None
) -> Iterator[LinePage]:
    """All lines but the last two, from ``place`` on; several profiles are read at a time.

    Each profile is as it was at one moment; ``tenants`` are in ascending order.

    :raises TransferRefused: a tenant cannot be read, or its definition was changed meanwhile.
    """
    if place is None:
        opening = opening_line(f"customer-profiles {__version__}", source.secret())
        yield LinePage([opening], 0, None)
    with ThreadPoolExecutor(threads) as pool:
        for tenant in tenants:
            if place is None or tenant > place.tenant:
                yield from _of_tenant(source, tenant, pool, None)
            elif tenant == place.tenant:
                yield from _of_tenant(source, tenant, pool, place)


def _of_tenant(
    source: Source, tenant: int, pool: Executor, place: Place | None
) -> Iterator[LinePage]:
    definition, revision = source.begin(tenant)
    if place is None:
        place = Place(tenant, definition.tag, None)
        yield LinePage([tenant_line(tenant, definition)], 0, place)
    source.confirm(tenant, place.tag)
    for page in source.pages(revision, place.next):
        lines = _lines(pool.map(_told, page.originals))
        after = Place(tenant, place.tag, page.next) if page.next else None
        yield LinePage(lines, len(page.originals), after)
    source.confirm(tenant, place.tag)


def _told(original: Original) -> IO[bytes]:
    """The lines of one profile, none where there is none, to be read from the file."""
    told = tempfile.SpooledTemporaryFile(_BYTES_IN_MEMORY)  # noqa: SIM115 - its reader closes it
    stored = original.read()
    if stored:
        told.writelines(map(version_line, original.versions(0, stored.version.number)))
        told.write(profile_line(original.key.customer_id, stored))
        told.seek(0)
    return told


def _lines(files: Iterable[IO[bytes]]) -> Iterator[bytes]:
    for file in files:
        with file:
            yield from file

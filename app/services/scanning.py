"""Going through all profiles of a tenant, or of all tenants where it is None."""

from collections.abc import Iterator

from app.dao.base import ProfileDao
from app.dao.values import ScanPage

_IDS_PER_PAGE = 5000


def pages(
    dao: ProfileDao, tenant: int | None, limit: int, start: str | None = None
) -> Iterator[ScanPage]:
    """All pages of about ``limit`` profiles, from ``start`` on."""
    page = dao.scan(tenant, start, limit)
    yield page
    while page.next is not None:
        page = dao.scan(tenant, page.next, limit)
        yield page


def count(dao: ProfileDao, tenant: int | None) -> int:
    """How many profiles there are, in whatever state: reads their ids alone."""
    return sum(len(page.keys) for page in pages(dao, tenant, _IDS_PER_PAGE))

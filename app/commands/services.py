"""The services that a command works with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.settings import Settings, StoreAddress
from app.stores import open_dao

if TYPE_CHECKING:
    from app.core import Core


@contextmanager
def core_on(settings: Settings, address: StoreAddress | None = None) -> Iterator["Core"]:
    """The services on the store in ``settings``, or on another one, closed at the end.

    They are imported when they are used: they take longer than all else.
    """
    from app.core import compose
    from app.logs import configure_logs

    configure_logs()
    dao = open_dao(address or settings.store)
    try:
        yield compose(settings, dao)
    finally:
        dao.close()

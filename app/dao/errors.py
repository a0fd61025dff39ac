"""What a store raises."""

from collections.abc import Iterator
from contextlib import contextmanager


class StoreUnavailable(Exception):
    """The store cannot be reached or used now. The message is for the log."""


class StoreNotPrepared(StoreUnavailable):
    """The store lacks tables or migrations that this release needs."""


class MigrationStopped(Exception):
    """Preparing the store cannot go on; the message says why, and how to mend it."""


class OutcomeUnknown(StoreUnavailable):
    """A change was sent, and the store cannot say whether it was applied."""


class VersionConflict(Exception):
    """What is stored is not what the change expects; nothing was changed."""


class DefinitionChanged(Exception):
    """The definition that the change was made under is not in force; nothing was changed."""


class ValueTaken(Exception):
    """Another profile holds a value of a unique identification key; nothing was changed."""

    def __init__(self, key: str) -> None:
        """``key``: the stored name of the identification key."""
        self.key = key
        super().__init__(key)


@contextmanager
def before_the_change() -> Iterator[None]:
    """Whatever becomes of a write that only prepares a change, the change was not made.

    :raises StoreUnavailable: where it is not known what became of it.
    """
    try:
        yield
    except OutcomeUnknown as error:
        raise StoreUnavailable(str(error)) from error

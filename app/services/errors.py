"""What can stop an operation, each a fact about a profile, a definition or the store."""

from collections.abc import Mapping
from typing import Any

from app.dao.values import ProfileKey, Receipt
from schemas.faults import DependsOnDefinition, Refused


class ProfileNotFound(Exception):
    """No profile has this id, or it was deleted."""


class ProfileMerged(ProfileNotFound):
    """The profile was merged into another one, which has another id."""

    def __init__(self, survivor: str) -> None:
        self.survivor = survivor
        super().__init__(survivor)


class ProfileExists(Exception):
    """A profile has this id already."""


class VersionNotFound(Exception):
    """The profile never had this version, or was deleted at it or since."""


class VersionExpired(Exception):
    """What this version was like is no longer kept."""


class ExtensionNotDefined(DependsOnDefinition):
    """The definition has no extension of this name."""


class ExtensionNotFound(Exception):
    """The profile has no records of this extension."""


class RecordNotFound(Exception):
    """No record of the extension has these values of its unique attributes."""


class NoUniqueAttributes(Exception):
    """The extension has no unique attributes that could select a record."""


class WrongCursor(Exception):
    """The cursor was not made for this tenant and this question."""


class PreconditionFailed(Exception):
    """What is stored is not what ``If-Match`` or ``If-None-Match`` asks for."""


class WeakTags(PreconditionFailed):
    """``If-Match`` lists weak entity tags only, where these do not count."""


class ProfileTooLarge(Exception):
    """The profile takes more room than one write may carry; nothing was changed."""


class AnswerTooLarge(Exception):
    """The profiles that are named take more room than one answer may."""


class StoreBusy(Exception):
    """Other writers of the same thing were faster each time; nothing was changed."""


class UniqueKeyTaken(Exception):
    """Another profile has the values of a unique identification key; nothing was changed."""

    def __init__(self, key: str) -> None:
        """``key``: the name of the identification key."""
        self.key = key
        super().__init__(key)


class NoDefinition(Exception):
    """The tenant's definition has no core attributes, so there can be no profile."""


class SelfMerge(Exception):
    """A profile cannot be merged into itself."""


class KeyIncomplete(DependsOnDefinition):
    """The identification key is still being built, or could not be."""

    def __init__(self, key: str, job: Mapping[str, Any] | None) -> None:
        """``job``: what is told of the one that builds it, None where nothing is any more."""
        self.key = key
        self.job = job
        super().__init__(key)


class JobNotFound(Exception):
    """No job has this id."""


class ChangeRefused(Refused):
    """The change of the definition would lose information; ``faults`` says where."""


class ChangeConflicts(Exception):
    """Stored profiles would not fit the changed definition; ``report`` counts them."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self.report = report
        super().__init__(str(report))


class AlreadyDone(Exception):
    """The operation was done by an earlier request; nothing was changed by this one."""

    def __init__(self, key: ProfileKey, receipt: Receipt) -> None:
        self.key = key
        self.receipt = receipt
        super().__init__(key, receipt)


class NameReused(Exception):
    """The caller gave the name of another operation to this one; nothing was changed."""


class TransferRefused(Exception):
    """A tenant cannot be brought over; the message says why, and how to mend it."""


class BackupRefused(Exception):
    """A file is no backup that this release can read; the message says why.

    Of one line, it is what follows after which line that is.
    """


class Maintenance(Exception):
    """The server is in maintenance mode."""

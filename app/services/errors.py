"""What can stop an operation, each a fact about the profile or the store."""


class ProfileNotFound(Exception):
    """No profile has this id, or it was deleted."""


class ProfileExists(Exception):
    """A profile has this id already."""


class PreconditionFailed(Exception):
    """The profile is not what ``If-Match`` or ``If-None-Match`` asks for."""


class ProfileTooLarge(Exception):
    """The profile takes more room than one write may carry; nothing was changed."""


class StoreBusy(Exception):
    """Other writers of the same profile were faster each time; nothing was changed."""

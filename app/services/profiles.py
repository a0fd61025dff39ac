"""Query, create, update and delete one profile."""

import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.dao.base import Change, Operation, ProfileDao, ProfileKey, StoredProfile, VersionConflict
from app.services.changes import live, outcome, overwrite, overwrite_version, remove
from app.services.errors import PreconditionFailed, ProfileExists, ProfileNotFound
from app.services.preconditions import UNCONDITIONAL, Precondition, entity_tag
from app.services.writer import write
from schemas.profile import ProfileContent

ID_LENGTH = 16
ID_CHARACTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Written:
    """An answered write: the profile as it is now, and whether it is a new one."""

    customer_id: str
    profile: StoredProfile
    created: bool


class ProfileService:
    """The operations on one profile.

    Each raises `StoreUnavailable` where the store cannot be asked, and each write
    `ProfileTooLarge`, and `StoreBusy` where other writers of the profile were faster too often.
    """

    def __init__(self, dao: ProfileDao, extensions: Iterable[str], keep_past_for: int) -> None:
        """``keep_past_for``: seconds that past versions are kept, 0 for not at all."""
        self._dao = dao
        self._extensions = tuple(extensions)
        self._keep_past_for = keep_past_for

    def query(self, key: ProfileKey, extensions: Iterable[str] = ()) -> StoredProfile:
        """The profile with the records of ``extensions``.

        :raises ProfileNotFound: there is none.
        """
        return _found(self._dao.get(key, extensions))

    def create(
        self, tenant: int, content: ProfileContent, precondition: Precondition = UNCONDITIONAL
    ) -> Written:
        """A new profile, under the id in ``content`` or a fresh one.

        :raises ProfileExists: the id is taken.
        :raises PreconditionFailed: it is taken, and ``If-None-Match: *`` asked for a free one.
        """
        key = ProfileKey(tenant, content.customer_id or _fresh_id())

        def next_change(stored: StoredProfile | None) -> Change:
            if live(stored) and not precondition.asks_for_none:
                raise ProfileExists
            _check(precondition, stored)
            return overwrite(key, Operation.CREATE, content, stored, self._keep_past_for)

        created = write(self._dao, key, next_change, likely_new=True)
        return Written(key.customer_id, created, created=True)

    def update(
        self,
        key: ProfileKey,
        content: ProfileContent,
        precondition: Precondition = UNCONDITIONAL,
        *,
        whole: bool = False,
    ) -> Written:
        """The profile overwritten: all attributes, and all extensions if any is named.

        ``If-None-Match: *`` creates a profile that is not there. With ``whole`` the answer
        holds the records of all extensions, also of those that stay untouched.

        :raises ProfileNotFound: there is none to overwrite.
        :raises PreconditionFailed: the stored one is not the one asked for.
        """
        if precondition.asks_for_none:
            named = replace(content, customer_id=key.customer_id)
            return self.create(key.tenant, named, precondition)
        at_once = None if whole else self._update_at_once(key, content, precondition)
        return Written(
            key.customer_id,
            at_once or self._update(key, content, precondition, whole=whole),
            created=False,
        )

    def load(self, key: ProfileKey, content: ProfileContent) -> None:
        """The profile put there, new or not, with just the extensions in ``content``."""
        exact = replace(content, extensions=content.extensions or {})

        def next_change(stored: StoredProfile | None) -> Change:
            return overwrite(key, Operation.LOAD, exact, stored, self._keep_past_for)

        write(self._dao, key, next_change, likely_new=True)

    def delete(self, key: ProfileKey, precondition: Precondition = UNCONDITIONAL) -> None:
        """The profile gone, with all its records.

        :raises ProfileNotFound: there is none.
        :raises PreconditionFailed: the stored one is not the one asked for.
        """

        def next_change(stored: StoredProfile | None) -> Change:
            found = _found(stored)
            _check(precondition, found)
            return remove(key, found, self._keep_past_for)

        write(self._dao, key, next_change)

    def _update(
        self, key: ProfileKey, content: ProfileContent, precondition: Precondition, *, whole: bool
    ) -> StoredProfile:
        def next_change(stored: StoredProfile | None) -> Change:
            _check(precondition, _found(stored))
            return overwrite(key, Operation.UPDATE, content, stored, self._keep_past_for)

        return write(self._dao, key, next_change, extensions=self._extensions if whole else ())

    def _update_at_once(
        self, key: ProfileKey, content: ProfileContent, precondition: Precondition
    ) -> StoredProfile | None:
        """The fast path: the entity tag says all that the one conditional write has to know.

        None where it does not, or where another version is stored. The tag of a deleted
        profile is never handed out, so the version written over is a live one.
        """
        expected = precondition.sole_version
        if expected is None or content.extensions is not None:
            return None
        change = overwrite_version(key, content, expected, self._keep_past_for)
        try:
            self._dao.commit(change)
        except VersionConflict:
            return None
        return outcome(change, None)


def _found(stored: StoredProfile | None) -> StoredProfile:
    profile = live(stored)
    if profile is None:
        raise ProfileNotFound
    return profile


def _check(precondition: Precondition, stored: StoredProfile | None) -> None:
    profile = live(stored)
    if not precondition.holds(entity_tag(profile.version) if profile else None):
        raise PreconditionFailed


def _fresh_id() -> str:
    return "".join(secrets.choice(ID_CHARACTERS) for _ in range(ID_LENGTH))

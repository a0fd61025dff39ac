"""Operations that are done once, however often a caller asks for them (``Idempotency-Key``).

A change that does such an operation leaves a receipt in the profile, in the same conditional
write. Every change is based on a read that looks for the receipt too; so of several attempts,
also at the same time or after one without an answer, exactly one is applied, and the others
find its receipt.
"""

import hashlib

import orjson

from app.dao.base import ProfileDao
from app.dao.values import Once, ProfileKey, StoredProfile
from app.services.customer_ids import derived_id
from app.services.errors import AlreadyDone, NameReused

_NAME_BYTES = 16


def once(caller: str, name: str, asked: list[str], body: bytes) -> Once:
    """What ``caller`` calls ``name``: the request that is described by ``asked`` and ``body``.

    Names of different callers are different.
    """
    named = hashlib.blake2b(orjson.dumps([caller, name]), digest_size=_NAME_BYTES)
    request = hashlib.blake2b(orjson.dumps(asked) + body, digest_size=_NAME_BYTES)
    return Once(named.hexdigest(), request.hexdigest())


def named_id(once: Once) -> str:
    """The id of the profile that a repeat of ``once`` must find, where nobody else names one."""
    return derived_id(bytes.fromhex(once.name))


def check(key: ProfileKey, stored: StoredProfile | None, once: Once | None) -> None:
    """``stored`` was read with ``once``.

    :raises AlreadyDone: it was done.
    :raises NameReused: another request had the name.
    """
    receipt = stored.receipt if stored else None
    if receipt is None or once is None:
        return
    if receipt.request != once.request:
        raise NameReused
    raise AlreadyDone(key, receipt)


class Receipts:
    """Looks for receipts before anything else of a request is looked at.

    What was done is answered as it was then, also where the same request would be refused now.
    """

    def __init__(self, dao: ProfileDao) -> None:
        self._dao = dao

    def check(self, key: ProfileKey, once: Once) -> None:
        """:raises StoreUnavailable: the store cannot be asked. Others as `check`."""
        check(key, self._dao.get(key, once=once), once)

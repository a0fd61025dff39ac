"""Cursors: where a list goes on, signed, and good for one tenant and question only."""

from typing import Any
from uuid import uuid4

from itsdangerous import BadData, URLSafeSerializer

from app.dao.base import DocumentDao
from app.dao.errors import VersionConflict, before_the_change
from app.dao.values import SERVER, DocumentKey
from app.services.errors import WrongCursor
from schemas.document import dump

SECRET = DocumentKey(SERVER, "secret")


class Cursors:
    """Signs with a secret that the first process makes, and all of one store share."""

    def __init__(self, dao: DocumentDao) -> None:
        self._dao = dao
        self._secret: bytes | None = None

    def sign(self, tenant: int, question: Any, place: Any) -> str:
        """The cursor for going on at ``place``; both are any JSON value."""
        return self._serializer(tenant, question).dumps(place)

    def read(self, tenant: int, question: Any, cursor: str) -> Any:
        """The place that `sign` was given.

        :raises WrongCursor: it was not made for this tenant and question.
        """
        try:
            return self._serializer(tenant, question).loads(cursor)
        except BadData:
            raise WrongCursor from None

    def _serializer(self, tenant: int, question: Any) -> URLSafeSerializer:
        return URLSafeSerializer(self._shared_secret(), salt=dump([tenant, question]))

    def _shared_secret(self) -> bytes:
        if self._secret is None:
            stored = self._dao.get_document(SECRET)
            self._secret = stored.content if stored else self._make()
        return self._secret

    def _make(self) -> bytes:
        secret = (uuid4().hex + uuid4().hex).encode()
        try:
            with before_the_change():
                self._dao.put_document(SECRET, secret, expected=None, tag=uuid4())
        except VersionConflict:
            return self._shared_secret()
        return secret

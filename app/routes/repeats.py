"""``Idempotency-Key``: a request that is sent again gets the answer that the first one got."""

from typing import Any

from flask import Blueprint, Response, g, request
from marshmallow import ValidationError

from app.dao.values import Once, Operation, ProfileKey
from app.limits import REPLAYED_HEADER
from app.routes import access, requests, responses
from app.services.definitions import Definitions
from app.services.errors import AlreadyDone, ProfileNotFound, VersionExpired, VersionNotFound
from app.services.history import HistoryService
from app.services.profiles import Written
from app.services.receipts import Receipts, named_id
from schemas.definition import CUSTOMER_ID
from schemas.profile import check_customer_id

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_WITHOUT_CONTENT = frozenset(
    {
        Operation.REMOVE_EXTENSION,
        Operation.UPDATE_RECORD,
        Operation.DELETE_RECORD,
        Operation.MERGE,
    }
)
_NOT_KEPT = (ProfileNotFound, VersionNotFound, VersionExpired)


class Repeats:
    """All writes of profiles may have a key."""

    def __init__(
        self, receipts: Receipts, history: HistoryService, definitions: Definitions
    ) -> None:
        self._receipts = receipts
        self._history = history
        self._definitions = definitions

    def register(self, profiles: Blueprint) -> None:
        """Look for an earlier answer before every write, and again within it."""
        profiles.before_request(self._check)
        profiles.register_error_handler(AlreadyDone, self._replayed)

    def _check(self) -> None:
        """:raises AlreadyDone: the request was answered before."""
        if request.method in SAFE:
            return
        caller = access.principal()
        once = g.once = requests.read_once(caller.name if caller else "")
        key = _key(once) if once else None
        if once and key:
            self._receipts.check(key, once)

    def _replayed(self, done: AlreadyDone) -> Response:
        response = self._answer(done)
        response.headers[REPLAYED_HEADER] = "true"
        return response

    def _answer(self, done: AlreadyDone) -> Response:
        customer_id, receipt = done.key.customer_id, done.receipt
        if receipt.operation is Operation.DELETE:
            return responses.deleted(customer_id)
        revision = g.revision = self._definitions.current(done.key.tenant)
        if receipt.operation in _WITHOUT_CONTENT:
            return responses.done(receipt.version)
        created, order = receipt.operation is Operation.CREATE, requests.order()
        access.need_for_answer(order)
        if order.whole:
            try:
                profile = self._history.made(done.key, receipt.version, revision)
            except _NOT_KEPT:
                pass
            else:
                response = responses.written(Written(profile, created), whole=True)
                response.headers.pop("Content-Location", None)  # others may have written since
                return response
        return responses.reference(customer_id, receipt.version, created=created)


def _key(once: Once) -> ProfileKey | None:
    """The profile that is written; None where the request will be refused."""
    in_path = (request.view_args or {}).get(CUSTOMER_ID)
    if in_path is not None:
        return requests.profile_key(in_path)
    body: Any = requests.body()
    given = body.get(CUSTOMER_ID) if isinstance(body, dict) else None
    if given is None:
        return ProfileKey(requests.tenant(), named_id(once))
    try:
        return ProfileKey(requests.tenant(), check_customer_id(given))
    except ValidationError:
        return None

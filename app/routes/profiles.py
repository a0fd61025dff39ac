"""Profiles: ``/profiles`` and ``/profiles/{customer_id}``."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from flask import Blueprint, Response

from app.access.privileges import Privilege
from app.limits import JSON_PATCH, MERGE_PATCH, PATCH_TYPES
from app.routes import access, parameters, requests, responses
from app.routes.dispatch import Dispatch
from app.services.definitions import Revision
from app.services.history import HistoryService
from app.services.merges import MergeService
from app.services.merges import Order as MergeTerms
from app.services.merging import MergeConflict, Policy
from app.services.patch_reach import Reach, json_patch_reach, merge_patch_reach
from app.services.patching import json_patch, merge_patch
from app.services.preconditions import MAX_VERSION
from app.services.profiles import ProfileService
from app.services.readable import without_stored
from schemas.faults import Fault, Invalid
from schemas.masking import Masking
from schemas.requests import MergeOrder, load_merge

HIDDEN_CONFLICT = Fault("", "the destination has other records, which the caller may not read")
Apply = Callable[[Any, Any], Any]
ReachOf = Callable[[Any, Collection[str], Masking], Reach]
PATCHES: dict[str, tuple[Apply, ReachOf]] = {
    MERGE_PATCH: (merge_patch, merge_patch_reach),
    JSON_PATCH: (json_patch, json_patch_reach),
}


class ProfileRoutes:
    """The operations on whole profiles."""

    def __init__(
        self, service: ProfileService, history: HistoryService, merges: MergeService
    ) -> None:
        self._service = service
        self._history = history
        self._merges = merges

    def register(self, profiles: Blueprint, view: Dispatch) -> None:
        """All paths and methods; HEAD comes with GET, OPTIONS with every path."""
        rule = profiles.add_url_rule
        one = "/profiles/<customer_id>"
        create = view(self.create)
        rule("/profiles", "create", create, methods=["POST"])
        rule(one, "query", view(self.query), methods=["GET"])
        rule(one, "update", view(self.update), methods=["PUT"])
        rule(one, "patch", view(self.patch), methods=["PATCH"])
        rule(one, "delete", view(self.delete), methods=["DELETE"])
        rule(f"{one}/merge/<source_id>", "merge", view(self.merge), methods=["PUT"])

    def create(self, revision: Revision) -> Response:
        """Make a new profile."""
        tenant, order = requests.tenant(), requests.order()
        parameters.check_parameters()
        access.need_for_answer(order)
        content = revision.schema.load(requests.body())
        if content.extensions is not None:
            access.need(Privilege.CREATE_EXTENSION)
        written = self._service.create(tenant, content, revision, order)
        return responses.written(written, whole=order.whole)

    def query(self, revision: Revision, customer_id: str) -> Response:
        """Read a profile, as it is or was, with the extensions asked for."""
        key, precondition = requests.profile_key(customer_id), requests.precondition()
        parameters.check_parameters("extensions", "version")
        extensions = parameters.extensions(revision.schema)
        number = parameters.number("version", MAX_VERSION)
        if number is None:
            found = self._service.query(key, revision, extensions)
        else:
            found = self._history.query(key, number, revision, extensions)
        response = responses.profile(customer_id, found)
        return responses.conditional(precondition, response)

    def update(self, revision: Revision, customer_id: str) -> Response:
        """Overwrite a profile, or create it where ``If-None-Match: *`` asks for that."""
        key, order = requests.profile_key(customer_id), requests.order()
        parameters.check_parameters()
        access.need_for_answer(order)
        content = revision.schema.load(requests.body(), customer_id)
        if content.extensions is not None:
            creates = order.precondition.asks_for_none
            access.need(Privilege.CREATE_EXTENSION if creates else Privilege.UPDATE_EXTENSION)
        written = self._service.update(key, content, revision, order)
        return responses.written(written, whole=order.whole)

    def patch(self, revision: Revision, customer_id: str) -> Response:
        """Change a part of a profile."""
        key, order = requests.profile_key(customer_id), requests.order()
        parameters.check_parameters()
        access.need_for_answer(order)
        body = requests.body(*PATCH_TYPES)
        apply, reach_of = PATCHES[_patch_type(body)]
        schema = revision.schema
        reach = reach_of(body, schema.extensions, schema.masking)
        _need_for_reach(reach)
        patched, readable = partial(_patched, apply, body), access.readable()
        try:
            written = self._service.patch(key, patched, revision, order)
        except Invalid as error:
            may_tell = partial(readable.has, schema=schema)
            raise without_stored(error, may_tell, reach.is_own) from None
        return responses.written(written, whole=order.whole)

    def delete(self, revision: Revision, customer_id: str) -> Response:
        """Remove a profile and all its records."""
        key, order = requests.profile_key(customer_id), requests.order()
        parameters.check_parameters()
        self._service.delete(key, revision, order)
        return responses.deleted(customer_id)

    def merge(self, revision: Revision, customer_id: str, source_id: str) -> Response:
        """Take the profile ``source_id`` into another one."""
        key = requests.profile_key(customer_id)
        source = requests.customer_id_in_path("source_id", source_id)
        precondition = requests.precondition()
        parameters.check_parameters()
        body = requests.optional_body()
        asked = load_merge({} if body is None else body)
        terms = MergeTerms(_policy(asked), _told(asked), precondition, requests.once())
        try:
            version = self._merges.merge(key, source, terms, revision)
        except MergeConflict:
            if access.readable().records:
                raise
            raise MergeConflict([HIDDEN_CONFLICT]) from None
        return responses.done(version)


def _need_for_reach(reach: Reach) -> None:
    if reach.extensions:
        access.need(Privilege.UPDATE_EXTENSION, Privilege.READ_EXTENSION)
    if reach.reads_attributes:
        access.need(Privilege.READ_PROFILE)
    if reach.reads_sensitive:
        access.need(Privilege.READ_SENSITIVE)


def _patch_type(body: Any) -> str:
    """The kind of patch. An array is no profile, so a merge patch is none."""
    given = requests.media_type()
    if given != requests.JSON:
        return given
    return JSON_PATCH if isinstance(body, list) else MERGE_PATCH


def _patched(apply: Apply, patch: Any, document: Any) -> Any:
    return apply(document, patch)


def _policy(asked: MergeOrder) -> Policy:
    if asked.keep_uniq_from_src is not None:
        return Policy.SOURCE if asked.keep_uniq_from_src else Policy.DESTINATION
    return Policy.SOURCE if asked.force_merge else Policy.REFUSE


def _told(asked: MergeOrder) -> dict[str, str]:
    told = {"reason": asked.reason, "description": asked.description}
    given = {name: text for name, text in told.items() if text is not None}
    return {"agent_id": asked.agent_id, **given}

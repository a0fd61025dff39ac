"""Several profiles, ``GET /profiles?...``, and the history of one."""

from typing import Any

from flask import Blueprint, Response

from app.access.privileges import Privilege
from app.request_faults import RequestFault
from app.routes import access, parameters, requests, responses
from app.routes.dispatch import Dispatch
from app.services.cursors import Cursors
from app.services.definitions import Revision
from app.services.history import HistoryService
from app.services.identification import IdentifyService, Outcome, Question
from app.services.profiles import ProfileService
from schemas.definition import CUSTOMER_ID
from schemas.faults import DependsOnDefinition
from schemas.identity import TooManyCombinations, WrongCriteria

ALWAYS_UNIQUE = {"always": False, "unique": True}
PAGING = ("limit", "cursor")
KNOWN = ("id_key", "include_profile", "extensions", "include_extensions", *PAGING)


class IdentificationRoutes:
    """Lists of profiles and of versions."""

    def __init__(
        self,
        service: IdentifyService,
        profiles: ProfileService,
        history: HistoryService,
        cursors: Cursors,
    ) -> None:
        self._service = service
        self._profiles = profiles
        self._history = history
        self._cursors = cursors

    def register(self, profiles: Blueprint, view: Dispatch) -> None:
        """All paths and methods."""
        rule = profiles.add_url_rule
        find = view(self.find)
        rule("/profiles", "identify", find, methods=["GET"])
        rule("/profiles/<customer_id>/history", "history", view(self.history), methods=["GET"])

    def find(self, revision: Revision) -> Response:
        """Read profiles by their ids, or find them; no attribute is called ``customer_id``."""
        named = parameters.text(CUSTOMER_ID) is not None
        return self.query_many(revision) if named else self.identify(revision)

    def query_many(self, revision: Revision) -> Response:
        """Read the profiles that are named."""
        parameters.check_beside(CUSTOMER_ID, "extensions")
        asked, extensions = parameters.customer_ids(), parameters.extensions(revision.schema)
        concealing = not access.may(Privilege.READ_SENSITIVE)
        found = self._profiles.query_many(
            requests.tenant(), asked, revision, extensions, concealing=concealing
        )
        return responses.named(asked, found, explain=requests.prefers("explain"))

    def identify(self, revision: Revision) -> Response:
        """Find profiles by values of their attributes."""
        tenant, given = requests.tenant(), parameters.given_beside(*KNOWN)
        if any("." in name for name, _ in given):  # Extension.Attribute
            access.need(Privilege.READ_EXTENSION)
        whole = parameters.flag("include_profile")
        only_unique = parameters.choice("include_extensions", ALWAYS_UNIQUE, default=False)
        asked = ["identify", *map(list, parameters.question(PAGING))]
        question = Question(
            given=given,
            key=parameters.text("id_key"),
            whole=whole,
            extensions=parameters.extensions(revision.schema),
            limit=parameters.limit(),
            after=self._place(tenant, asked, ""),
            explain=requests.prefers("explain"),
            concealing=not access.may(Privilege.READ_SENSITIVE),
        )
        try:
            found = self._service.identify(tenant, question, revision)
        except WrongCriteria as error:
            raise UnknownCriteria("parameter", error.faults) from None
        except TooManyCombinations:
            why = "have more than 100 combinations of values"
            raise RequestFault("parameter", dict.fromkeys(dict(given), why)) from None
        if only_unique and found.outcome is not Outcome.UNIQUE:
            found = found.without_extensions()
        response = responses.found(found, whole=whole, explain=question.explain)
        return responses.paged(response, self._next(tenant, asked, found.next))

    def history(self, revision: Revision, customer_id: str) -> Response:
        """What was changed of a profile, when and by whom."""
        key = requests.profile_key(customer_id)
        parameters.check_parameters(*PAGING)
        asked = ["history", customer_id]
        below = self._place(revision.tenant, asked, None)
        found = self._history.versions(key, parameters.limit(), below)
        response = responses.history(customer_id, found)
        return responses.paged(response, self._next(revision.tenant, asked, found.next))

    def _place(self, tenant: int, asked: list[Any], start: Any) -> Any:
        cursor = parameters.text("cursor")
        return start if cursor is None else self._cursors.read(tenant, asked, cursor)

    def _next(self, tenant: int, asked: list[Any], place: str | int | None) -> str | None:
        return None if place is None else self._cursors.sign(tenant, asked, place)


class UnknownCriteria(RequestFault, DependsOnDefinition):
    """A name is not known, or a text is no value, as far as is known."""

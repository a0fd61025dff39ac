"""Profiles: ``/profiles`` and ``/profiles/{customer_id}``."""

from flask import Blueprint, Response

from app.routes import requests, responses
from app.services.errors import PreconditionFailed
from app.services.preconditions import entity_tag
from app.services.profiles import ProfileService
from schemas.profile import ProfileSchema


class ProfileRoutes:
    """The handlers, with the service and the schema that they use."""

    def __init__(self, service: ProfileService, schema: ProfileSchema) -> None:
        self._service = service
        self._schema = schema

    def blueprint(self) -> Blueprint:
        """All paths and methods; HEAD comes with GET, OPTIONS with every path."""
        profiles = Blueprint("profiles", __name__)
        profiles.before_request(requests.check_acceptable)
        rule = profiles.add_url_rule
        rule("/profiles", "create", self.create, methods=["POST"], strict_slashes=False)
        rule("/profiles/<customer_id>", "query", self.query, methods=["GET"])
        rule("/profiles/<customer_id>", "update", self.update, methods=["PUT"])
        rule("/profiles/<customer_id>", "delete", self.delete, methods=["DELETE"])
        return profiles

    def create(self) -> Response:
        """Make a new profile."""
        tenant, precondition = requests.tenant(), requests.precondition()
        requests.check_parameters()
        content = self._schema.load(requests.body())
        written = self._service.create(tenant, content, precondition)
        return responses.written(written, whole=requests.wants_representation())

    def query(self, customer_id: str) -> Response:
        """Read a profile, with the extensions asked for."""
        key, precondition = requests.profile_key(customer_id), requests.precondition()
        stored = self._service.query(key, requests.asked_extensions(self._schema))
        tag = entity_tag(stored.version)
        if not precondition.matches(tag):
            raise PreconditionFailed
        if not precondition.none_matches(tag):
            return responses.not_modified(stored)
        return responses.profile(customer_id, stored)

    def update(self, customer_id: str) -> Response:
        """Overwrite a profile, or create it where ``If-None-Match: *`` asks for that."""
        key, precondition = requests.profile_key(customer_id), requests.precondition()
        requests.check_parameters()
        content = self._schema.load(requests.body(), customer_id)
        whole = requests.wants_representation()
        written = self._service.update(key, content, precondition, whole=whole)
        return responses.written(written, whole=whole)

    def delete(self, customer_id: str) -> Response:
        """Remove a profile and all its records."""
        key, precondition = requests.profile_key(customer_id), requests.precondition()
        requests.check_parameters()
        self._service.delete(key, precondition)
        return responses.deleted(key)

"""Metadata: what a profile of the tenant holds, and what it is found by."""

from typing import Any

from flask import Blueprint, Response, url_for

from app.routes import access, parameters, requests, responses
from app.routes.dispatch import Dispatch
from app.routes.paths import Paths
from app.services.definitions import Revision
from app.services.jobs import Jobs, told_job
from app.services.metadata import Changed, MetadataService, Order, version
from app.services.preconditions import entity_tag
from app.services.rehearsal import public_report
from schemas.revising import defined_extension, defined_key
from schemas.writing import public_attributes, public_extension, public_key


class MetadataRoutes:
    """The definition of a tenant, part by part, and the jobs that its changes start."""

    def __init__(self, service: MetadataService, jobs: Jobs) -> None:
        self._service = service
        self._jobs = jobs

    def blueprint(self, dispatch: Dispatch) -> Blueprint:
        """All paths and methods; nothing of a definition is answered from memory."""
        metadata = Paths("metadata", __name__, url_prefix="/metadata")
        metadata.before_request(requests.check_acceptable)

        def rule(path: str, endpoint: str, handler: Any, method: str) -> None:
            metadata.add_url_rule(path, endpoint, dispatch(handler, fresh=True), methods=[method])

        rule("/profiles", "attributes", self.attributes, "GET")
        rule("/profiles", "replace_attributes", self.replace_attributes, "PUT")
        extensions, keys = "/profiles/extensions", "/identification-keys"
        rule(extensions, "extensions", self.extensions, "GET")
        rule(extensions, "add_extension", self.add_extension, "POST")
        rule(f"{extensions}/<name>", "extension", self.extension, "GET")
        rule(f"{extensions}/<name>", "replace_extension", self.replace_extension, "PUT")
        rule(f"{extensions}/<name>", "remove_extension", self.remove_extension, "DELETE")
        rule(keys, "keys", self.keys, "GET")
        rule(keys, "add_key", self.add_key, "POST")
        rule(f"{keys}/<name>", "key", self.key, "GET")
        rule(f"{keys}/<name>", "remove_key", self.remove_key, "DELETE")
        rule("/jobs/<job_id>", "job", self.job, "GET")
        return metadata

    def attributes(self, revision: Revision) -> Response:
        """The core attributes."""
        return _told(revision, public_attributes(revision.definition.attributes))

    def replace_attributes(self, revision: Revision) -> Response:
        """Change the core attributes."""
        order, body = _order("force", "dry_run"), requests.body()
        changed = self._service.replace_attributes(body, revision, order)
        return _revised(changed, public_attributes(changed.revision.definition.attributes))

    def extensions(self, revision: Revision) -> Response:
        """All extensions."""
        return _told(revision, [public_extension(each) for each in revision.definition.extensions])

    def add_extension(self, revision: Revision) -> Response:
        """Define one more extension."""
        order, body = _order(), requests.body()
        changed = self._service.add_extension(body, revision, order)
        added = changed.revision.definition.extensions[-1].name
        return _created(changed, added, url_for("metadata.extension", name=added))

    def extension(self, revision: Revision, name: str) -> Response:
        """One extension."""
        return _told(revision, public_extension(defined_extension(revision.definition, name)))

    def replace_extension(self, revision: Revision, name: str) -> Response:
        """Change an extension."""
        order, body = _order("force", "dry_run"), requests.body()
        changed = self._service.replace_extension(name, body, revision, order)
        return _revised(
            changed, public_extension(defined_extension(changed.revision.definition, name))
        )

    def remove_extension(self, revision: Revision, name: str) -> Response:
        """Remove an extension and, in the background, its records."""
        return _removed(self._service.remove_extension(name, revision, _order()))

    def keys(self, revision: Revision) -> Response:
        """All identification keys, in order of creation."""
        return _told(revision, [public_key(key) for key in revision.definition.keys])

    def add_key(self, revision: Revision) -> Response:
        """Define one more identification key, which is then built in the background."""
        order, body = _order(), requests.body()
        changed = self._service.add_key(body, revision, order)
        added = changed.revision.definition.keys[-1].name
        return _created(changed, added, url_for("metadata.key", name=added))

    def key(self, revision: Revision, name: str) -> Response:
        """One identification key."""
        key = defined_key(revision.definition, name)
        return _monitored(_told(revision, public_key(key)), key.build or None)

    def remove_key(self, revision: Revision, name: str) -> Response:
        """Remove an identification key."""
        return _removed(self._service.remove_key(name, revision, _order()))

    def job(self, revision: Revision, job_id: str) -> Response:
        """How far a job is."""
        parameters.check_parameters()
        job = self._jobs.get(revision.tenant, job_id)
        told = told_job(job, revision.definition, access.readable())
        return responses.uncached(responses.json(told))


def _order(*flags: str) -> Order:
    precondition = requests.precondition()
    parameters.check_parameters(*flags)
    chosen = {flag: parameters.flag(flag) for flag in flags}
    return Order(precondition, **chosen, readable=access.readable())


def _told(revision: Revision, value: Any) -> Response:
    """A part of the definition, unless the client has this revision already."""
    precondition = requests.precondition()
    parameters.check_parameters()
    return responses.conditional(precondition, _tagged(responses.json(value), revision))


def _revised(changed: Changed, value: Any) -> Response:
    told = value if changed.report is None else public_report(changed.report)
    return _tagged(responses.json(told), changed.revision)


def _created(changed: Changed, name: str, location: str) -> Response:
    response = _tagged(responses.json({"name": name}, 201), changed.revision)
    response.headers["Location"] = location
    return _monitored(response, changed.job)


def _removed(changed: Changed) -> Response:
    return _monitored(_tagged(responses.empty(), changed.revision), changed.job)


def _tagged(response: Response, revision: Revision) -> Response:
    response.set_etag(entity_tag(version(revision)))
    return responses.private(response)


def _monitored(response: Response, job: str | None) -> Response:
    if job is not None:
        path = url_for("metadata.job", job_id=job)
        response.headers.add("Link", f'<{path}>; rel="monitor"')
    return response

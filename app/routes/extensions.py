"""Extension records: ``/profiles/{customer_id}/extensions``."""

from functools import partial
from itertools import islice

from flask import Blueprint, Response

from app.limits import MAX_LIMIT
from app.request_faults import RequestFault
from app.routes import access, parameters, requests, responses
from app.routes.dispatch import Dispatch
from app.services.cursors import Cursors
from app.services.definitions import Revision
from app.services.errors import ExtensionNotDefined, PreconditionFailed
from app.services.extensions import ExtensionService, records_of
from app.services.paging import page_of
from app.services.preconditions import entity_tag
from app.services.profile import Profile
from app.services.readable import Readable, without_stored
from schemas.definition import Extension
from schemas.document import dump
from schemas.faults import Fault, Invalid, pointer
from schemas.profile import ProfileSchema


class ExtensionRoutes:
    """The operations on the records of a profile's extensions."""

    def __init__(self, service: ExtensionService, cursors: Cursors) -> None:
        self._service = service
        self._cursors = cursors

    def register(self, profiles: Blueprint, view: Dispatch) -> None:
        """All paths and methods."""
        rule = profiles.add_url_rule
        base = "/profiles/<customer_id>/extensions"
        one = f"{base}/<name>"
        rule(base, "insert_records", view(self.insert), methods=["POST"])
        rule(one, "records", view(self.read), methods=["GET"])
        rule(one, "replace_extension", view(self.replace), methods=["PUT"])
        rule(one, "remove_extension", view(self.remove), methods=["DELETE"])
        update, delete = view(self.update_record), view(self.delete_record)
        rule(f"{one}/by/unique", "update_record", update, methods=["PUT"])
        rule(f"{one}/delete/by/unique", "delete_record", delete, methods=["PUT"])

    def insert(self, revision: Revision, customer_id: str) -> Response:
        """Add records of one or more extensions."""
        key, order = requests.profile_key(customer_id), requests.order()
        parameters.check_parameters()
        access.need_for_answer(order)
        given = revision.schema.load_extensions(requests.body(), customer_id)
        written = self._service.insert(key, given, revision, order)
        return responses.written(written, whole=order.whole)

    def read(self, revision: Revision, customer_id: str, name: str) -> Response:
        """All records of one extension, or a page of them."""
        key, precondition = requests.profile_key(customer_id), requests.precondition()
        parameters.check_parameters("limit", "cursor")
        extension = _defined(revision, name)
        found = responses.visible(self._service.read(key, extension, revision))
        records = records_of(found, extension)
        limit = parameters.number("limit", MAX_LIMIT)
        text, cursor = dump(records), None
        if limit is not None and isinstance(records, list):
            start = self._start(key.tenant, customer_id, extension, found)
            page, more = page_of(map(dump, islice(records, start, None)), limit, len)
            text = responses.array(page)
            if more:
                asked = _asked(customer_id, extension)
                place = [start + len(page), entity_tag(found.version)]
                cursor = self._cursors.sign(key.tenant, asked, place)
        elif parameters.text("cursor") is not None:
            raise RequestFault(
                "parameter", {"cursor": "is for a multi-valued extension, with limit"}
            )
        response = responses.paged(responses.records(customer_id, found, text), cursor)
        return responses.conditional(precondition, response)

    def replace(self, revision: Revision, customer_id: str, name: str) -> Response:
        """Have just the records of the body in one extension."""
        key, order = requests.profile_key(customer_id), requests.order()
        parameters.check_parameters()
        access.need_for_answer(order)
        extension = _defined(revision, name)
        given = revision.schema.load_records(extension.name, requests.body())
        written = self._service.replace(key, extension, given, revision, order)
        return responses.written(written, whole=order.whole)

    def remove(self, revision: Revision, customer_id: str, name: str) -> Response:
        """Remove all records of one extension."""
        key, order = requests.profile_key(customer_id), requests.order()
        parameters.check_parameters()
        written = self._service.remove(key, _defined(revision, name), revision, order)
        return responses.done(written.profile.version)

    def update_record(self, revision: Revision, customer_id: str, name: str) -> Response:
        """Set attributes of the record that the unique ones select."""
        key, order = requests.profile_key(customer_id), requests.order()
        parameters.check_parameters()
        extension, body = _defined(revision, name), requests.body()
        readable = access.readable()
        try:
            written = self._service.update_record(key, extension, body, revision, order)
        except Invalid as error:
            may_tell = partial(_may_tell, readable, revision.schema, extension)
            own = {*extension.unique, *(body if isinstance(body, dict) else ())}
            raise without_stored(error, may_tell, own.__contains__) from None
        return responses.done(written.profile.version)

    def delete_record(self, revision: Revision, customer_id: str, name: str) -> Response:
        """Remove the record that the unique attributes select."""
        key, order = requests.profile_key(customer_id), requests.order()
        parameters.check_parameters()
        extension, body = _defined(revision, name), requests.body()
        written = self._service.delete_record(key, extension, body, revision, order)
        return responses.done(written.profile.version)

    def _start(self, tenant: int, customer_id: str, extension: Extension, found: Profile) -> int:
        """Where the page begins.

        :raises PreconditionFailed: the page before was of another version of the profile.
        """
        cursor = parameters.text("cursor")
        if cursor is None:
            return 0
        place: tuple[int, str] = self._cursors.read(tenant, _asked(customer_id, extension), cursor)
        start, tag = place
        if tag != entity_tag(found.version):
            raise PreconditionFailed
        return start


def _asked(customer_id: str, extension: Extension) -> list[str]:
    return ["records of a version", customer_id, extension.stored_as]


def _may_tell(
    readable: Readable, schema: ProfileSchema, extension: Extension, fault: Fault
) -> bool:
    """Of a ``fault`` in one record."""
    return readable.has(Fault(pointer(extension.name, 0) + fault.pointer, ""), schema)


def _defined(revision: Revision, name: str) -> Extension:
    extension = revision.definition.extension(name)
    if extension is None:
        raise ExtensionNotDefined
    return extension

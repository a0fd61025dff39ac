"""Whether the lines of a backup can be what a store held: form, order and content.

A digest only tells that a file is as it was written. Whoever changes it can write the digest
anew, so nothing of it is stored before it was looked at.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any

import orjson
from marshmallow import ValidationError

from app.dao.values import State, StoredDocument, StoredProfile, Version
from app.limits import MAX_TENANT
from app.services.backup_lines import (
    Kind,
    head_of,
    kind_of,
    opening_line,
    profile_line,
    read_opening,
    read_profile,
    read_tenant,
    read_version,
    tenant_line,
    version_line,
)
from app.services.definitions import read_revision
from app.services.digests import Account
from app.services.errors import BackupRefused
from app.services.preconditions import MAX_VERSION
from schemas.definition import Definition
from schemas.document import dump, parse
from schemas.faults import Fault, Invalid, pointer
from schemas.profile import check_customer_id
from schemas.reader import load_definition
from schemas.stored import StoredContent, is_word
from schemas.writing import from_document, public_definition, to_document

_TEXTS = ("agent_id", "reason", "description", "merged_from", "merge")
_STATES = {State.LIVE, State.DELETED, State.ALIAS}


class BackupChecker:
    """Takes the lines of a file in their order, up to its summary.

    ``account`` is what they come to.
    """

    def __init__(self) -> None:
        self.account = Account()
        self._begun = False
        self._tenant = -1
        self._content: StoredContent | None = None
        self._versions: list[Version] = []
        self._checks: dict[Kind, Callable[[bytes], Iterable[Fault]]] = {
            Kind.BACKUP: self._opening,
            Kind.TENANT: self._definition,
            Kind.VERSION: self._version,
            Kind.PROFILE: self._profile,
        }

    def take(self, line: bytes) -> None:
        """
        :raises BackupRefused: it cannot stand here, or holds what no store does.
        """
        kind = kind_of(line)
        if kind not in self._checks:
            raise BackupRefused(f"a {kind} cannot stand here.")
        _refuse(self._checks[kind](line))
        self.account.add(line)

    def end(self) -> None:
        """
        :raises BackupRefused: something has to follow.
        """
        if self._versions:
            raise BackupRefused("the profile of the versions before is missing.")

    def _opening(self, line: bytes) -> Iterator[Fault]:
        if self._begun:
            raise BackupRefused("it begins a second time.")
        self._begun = True
        opening = read_opening(line)
        _check_form(line, lambda: opening_line(opening.product, opening.secret))
        yield from ()

    def _definition(self, line: bytes) -> Iterator[Fault]:
        self.end()
        tenant, stored = read_tenant(line)
        _check_form(line, lambda: tenant_line(tenant, stored))
        if not _is_number(tenant, self._tenant + 1, MAX_TENANT):
            yield Fault("/tenant", "must be the number of a tenant, above those before")
            return
        definition = _definition_of(tenant, stored)
        yield from _name_faults(definition)
        self._tenant, self._content = tenant, StoredContent(definition)

    def _version(self, line: bytes) -> Iterator[Fault]:
        content, row = self._rules(), read_version(line)
        _check_form(line, lambda: version_line(row))
        least = self._versions[-1].number + 1 if self._versions else 1
        yield from _version_faults(row.version, least)
        yield from _note_faults("/note", parse(row.note))
        yield from _document_faults(parse(row.document or b"{}"), content)
        self._versions.append(row.version)

    def _profile(self, line: bytes) -> Iterator[Fault]:
        content, stored = self._rules(), read_profile(line)
        _, customer_id = head_of(line)
        _check_form(line, lambda: profile_line(customer_id, stored))
        least = self._versions[-1].number if self._versions else 1
        yield from _version_faults(stored.version, least)
        yield from _id_faults("/customer_id", customer_id)
        yield from _state_faults(stored)
        attributes = parse(stored.attributes)
        if stored.state is State.ALIAS:
            yield from _alias_faults(attributes, content)
        else:
            yield from content.attribute_faults("/attributes", attributes)
        records = {name: parse(text) for name, text in stored.extensions.items()}
        yield from content.record_faults("/extensions", records)
        self._versions = []

    def _rules(self) -> StoredContent:
        if self._content is None:
            raise BackupRefused("there is no tenant before it.")
        return self._content


def _refuse(faults: Iterable[Fault]) -> None:
    """:raises BackupRefused: with the first of ``faults``."""
    for fault in faults:
        raise BackupRefused(f"{fault}.")


def _check_form(line: bytes, write: Callable[[], bytes]) -> None:
    """
    :raises BackupRefused: what was read of ``line`` is not written as it is: it has more
        members, one twice, or one in another form.
    """
    try:
        same = write() == line
    except (OverflowError, TypeError, ValueError):
        same = False
    if not same:
        raise BackupRefused("it is not in the form in which a backup is written.")


def _definition_of(tenant: int, stored: StoredDocument) -> Definition:
    """
    :raises BackupRefused: it is none that a tenant can have.
    """
    try:
        told = parse(stored.content)
        document = dump(told["definition"])
        definition = from_document(document)
        load_definition(public_definition(definition))
        same = to_document(definition) == document
        if same and _is_number(told["revision"], 1, MAX_VERSION):
            return read_revision(tenant, stored).definition
    except Invalid as error:
        raise BackupRefused(f"its definition, {error.faults[0]}.") from None
    except (AttributeError, LookupError, TypeError, ValueError, ValidationError):
        pass
    raise BackupRefused("its definition is none.")


def _name_faults(definition: Definition) -> Iterator[Fault]:
    """Of what no client gives a definition, so that its own rules do not know it."""
    names: list[object] = [each.stored_as for each in definition.extensions]
    names += [each.stored_as for each in definition.keys]
    names += [key.build for key in definition.keys if key.build]
    if not all(map(is_word, names)):
        yield Fault("/definition", "has a stored name that is none")
    reduced = [definition.reduced, *(each.reduced for each in definition.extensions)]
    if not all(isinstance(each, bool) for each in reduced):
        yield Fault("/definition", "is reduced or not, true or false")


def _version_faults(version: Version, least: int) -> Iterator[Fault]:
    if not _is_number(version.number, least, MAX_VERSION):
        yield Fault("/version/number", f"must be a whole number from {least}")


def _state_faults(stored: StoredProfile) -> Iterator[Fault]:
    if stored.state not in _STATES:
        yield Fault("/state", "must be live, deleted or alias")
    if (stored.state is State.ALIAS) != (stored.link is not None):
        yield Fault("/link", "is where an alias leads, and of no other state")
    if stored.link:
        yield from _id_faults("/link/into", stored.link.into)


def _id_faults(place: str, customer_id: Any) -> Iterator[Fault]:
    try:
        check_customer_id(customer_id if isinstance(customer_id, str) else "")
    except ValidationError as error:
        yield Fault(place, str(error.messages[0]))


def _note_faults(base: str, note: Any) -> Iterator[Fault]:
    try:
        # A number beyond all floats was parsed all the same, and would stop whoever reads it.
        orjson.loads(dump(note))
    except ValueError:
        note = None
    if not isinstance(note, dict):
        yield Fault(base, "must be an object")
        return
    for name in _TEXTS:
        if not isinstance(note.get(name, ""), str):
            yield Fault(f"{base}/{name}", "must be a string")
    if not _is_texts(note.get("parts", [])):
        yield Fault(f"{base}/parts", "must be a list of names")


def _document_faults(document: Any, content: StoredContent) -> Iterator[Fault]:
    """What is wrong with what a version wrote, as `Change.past_document` has it."""
    yield from _written_faults("/document", document, {"attributes"}, {"extensions", "removed"})
    if isinstance(document, dict):
        yield from _content_faults("/document", document, content)
        removed = document.get("removed", [])
        if not _is_texts(removed) or not all(map(is_word, removed)):
            yield Fault("/document/removed", "must be a list of names")


def _alias_faults(kept: Any, content: StoredContent) -> Iterator[Fault]:
    """What is wrong with what an alias keeps, as `Survivors.finish` has it."""
    base = "/attributes"
    yield from _written_faults(base, kept, set(), {"attributes", "extensions", "merge"})
    if isinstance(kept, dict):
        yield from _content_faults(base, kept, content)
        yield from _note_faults(f"{base}/merge", kept.get("merge", {}))


def _written_faults(base: str, value: Any, needed: Set[str], others: Set[str]) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(base, "must be an object")
        return
    for name in sorted(needed - value.keys()):
        yield Fault(base + pointer(name), "is missing")
    for name in value.keys() - needed - others:
        yield Fault(base + pointer(name), "is not known here")


def _content_faults(
    base: str, value: Mapping[str, Any], content: StoredContent
) -> Iterator[Fault]:
    yield from content.attribute_faults(f"{base}/attributes", value.get("attributes", {}))
    records = value.get("extensions", {})
    yield from content.record_faults(f"{base}/extensions", records, past=True)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_number(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

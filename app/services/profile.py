"""A profile as it is answered: what is stored, under the names of the definition."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.dao.values import StoredProfile, Version
from app.services.definitions import Revision
from schemas.definition import CUSTOMER_ID
from schemas.document import dump, member, parse
from schemas.masking import Masking


@dataclass(frozen=True, slots=True)
class Profile:
    """A live profile at one version; attributes and records are JSON texts, by name.

    They are as stored: what is sensitive is not masked yet, only said by ``masking``.
    """

    customer_id: str
    version: Version
    attributes: bytes
    extensions: Mapping[str, bytes]
    masking: Masking

    @property
    def size(self) -> int:
        """About how many bytes it is as JSON."""
        return len(self.attributes) + sum(map(len, self.extensions.values()))


def profile_of(customer_id: str, stored: StoredProfile, revision: Revision) -> Profile:
    """``stored`` with what the definition has; texts are only looked into where some part of
    the definition was taken away by force."""
    schema, definition = revision.schema, revision.definition
    public = schema.public_names
    attributes = stored.attributes
    if definition.reduced:
        attributes = dump(schema.visible_attributes(parse(attributes)))
    if not stored.extensions:
        return Profile(customer_id, stored.version, attributes, {}, schema.masking)
    reduced = {each.name for each in definition.extensions if each.reduced}
    records = {public[row]: text for row, text in stored.extensions.items() if row in public}
    for name in reduced & records.keys():
        records[name] = dump(schema.visible_records(name, parse(records[name])))
    return Profile(customer_id, stored.version, attributes, records, schema.masking)


def masked(profile: Profile) -> Profile:
    """``profile`` with masks in the place of what is sensitive."""
    mask = profile.masking
    records = {name: mask.records(name, text) for name, text in profile.extensions.items()}
    return replace(profile, attributes=mask.attributes(profile.attributes), extensions=records)


def content_of(stored: StoredProfile, revision: Revision) -> tuple[dict[str, Any], dict[str, Any]]:
    """The attributes, and the records by extension, in ``stored`` that the definition has."""
    schema = revision.schema
    records = {schema.public_names[row]: parse(text) for row, text in stored.extensions.items()}
    return schema.visible_attributes(parse(stored.attributes)), {
        name: schema.visible_records(name, each) for name, each in records.items()
    }


def document(profile: Profile) -> bytes:
    """The flat JSON object of a profile: the stored texts put into one object, unread."""
    return b"".join(pieces(profile))


def pieces(profile: Profile) -> list[bytes | memoryview]:
    """What `document` is put together of, so that an answer of several is copied once."""
    found: list[bytes | memoryview] = [b"{", member(CUSTOMER_ID, dump(profile.customer_id))]
    if profile.attributes != b"{}":
        found += [b",", memoryview(profile.attributes)[1:-1]]
    for name, text in profile.extensions.items():
        found += [b"," + member(name, b""), text]
    return [*found, b"}"]

"""Read and change the records of extensions, without the rest of the profile."""

from collections.abc import Callable, Mapping
from typing import Any

from app.dao.values import Change, Operation, ProfileKey, StoredProfile
from app.services import records
from app.services.changes import Parts, Terms, change, found
from app.services.definitions import Revision
from app.services.errors import ExtensionNotFound, NoUniqueAttributes, ProfileNotFound
from app.services.preconditions import check
from app.services.profile import Profile, profile_of
from app.services.profiles import Order, Written, written
from app.services.survivors import Survivors
from app.services.writer import Writer
from schemas.definition import Extension, Shape
from schemas.document import parse

Next = Callable[[Any | None], Any | None]


class ExtensionService:
    """The operations on extension records. Raises what `ProfileService` does."""

    def __init__(self, writer: Writer, survivors: Survivors, keep_past_for: int) -> None:
        self._writer = writer
        self._survivors = survivors
        self._keep_past_for = keep_past_for

    def read(self, key: ProfileKey, extension: Extension, revision: Revision) -> Profile:
        """The profile with the records; those of a multi-valued extension may be none.

        :raises ProfileNotFound: there is no such profile.
        :raises ExtensionNotFound: a single-valued one without any.
        """
        read = self._survivors.read(key, [revision.schema.stored_name(extension.name)])
        if read is None:
            raise ProfileNotFound
        profile = profile_of(read[0].customer_id, read[1], revision)
        if extension.name not in profile.extensions and extension.type is not Shape.MULTI:
            raise ExtensionNotFound
        return profile

    def insert(
        self, key: ProfileKey, given: Mapping[str, Any], revision: Revision, order: Order
    ) -> Written:
        """Add records of several extensions, in the place of those that they equal."""
        defined = {each.name: each for each in revision.definition.extensions}
        changes: dict[str, Next] = {
            name: _inserting(defined[name], each) for name, each in given.items()
        }
        return self._write(key, changes, Operation.INSERT_RECORDS, revision, order)

    def replace(
        self, key: ProfileKey, extension: Extension, given: Any, revision: Revision, order: Order
    ) -> Written:
        """Have just the records ``given``, None for none."""
        changes: dict[str, Next] = {extension.name: lambda _: given}
        return self._write(key, changes, Operation.REPLACE_EXTENSION, revision, order)

    def remove(
        self, key: ProfileKey, extension: Extension, revision: Revision, order: Order
    ) -> Written:
        """:raises ExtensionNotFound: there are no records."""

        def none(stored: Any | None) -> None:
            if stored is None:
                raise ExtensionNotFound

        changes: dict[str, Next] = {extension.name: none}
        return self._write(key, changes, Operation.REMOVE_EXTENSION, revision, order)

    def update_record(
        self, key: ProfileKey, extension: Extension, body: Any, revision: Revision, order: Order
    ) -> Written:
        """Set attributes of the record that ``body`` selects by its unique ones.

        :raises NoUniqueAttributes: the extension has none.
        :raises RecordNotFound: there is no such record.
        :raises Invalid: it would not be a record.
        """
        schema, name = revision.schema, extension.name
        unique, others = schema.load_partial(_with_unique(extension).name, body)

        def updated(stored: Any | None) -> Any:
            return records.update(
                extension, stored, unique, others, lambda each: schema.check_record(name, each)
            )

        changes: dict[str, Next] = {name: updated}
        return self._write(key, changes, Operation.UPDATE_RECORD, revision, order)

    def delete_record(
        self, key: ProfileKey, extension: Extension, body: Any, revision: Revision, order: Order
    ) -> Written:
        """Remove the record that ``body`` selects by its unique attributes.

        :raises NoUniqueAttributes: the extension has none.
        :raises RecordNotFound: there is no such record.
        """
        unique = revision.schema.unique_part(_with_unique(extension).name, body)
        changes: dict[str, Next] = {
            extension.name: lambda stored: records.remove(extension, stored, unique)
        }
        return self._write(key, changes, Operation.DELETE_RECORD, revision, order)

    def _write(
        self,
        key: ProfileKey,
        changes: Mapping[str, Next],
        operation: Operation,
        revision: Revision,
        order: Order,
    ) -> Written:
        schema = revision.schema
        terms = Terms(revision, self._keep_past_for, order.told, order.once)

        def next_change(stored: StoredProfile | None) -> Change:
            profile = found(stored)
            check(order.precondition, profile)
            held = {name: _held(name, profile, revision) for name in changes}
            after = {name: change_of(held[name]) for name, change_of in changes.items()}
            return change(key, operation, Parts(None, after), profile, terms)

        rows = schema.rows if order.whole else [schema.stored_name(name) for name in changes]
        applied = self._writer.write(key, terms, next_change, extensions=rows)
        return written(key, applied, revision)


def records_of(profile: Profile, extension: Extension) -> Any:
    """An object or an array, an empty one where a multi-valued extension has none."""
    return parse(profile.extensions.get(extension.name, b"[]"))


def _inserting(extension: Extension, given: Any) -> Next:
    return lambda stored: records.insert(extension, stored, given)


def _held(name: str, stored: StoredProfile, revision: Revision) -> Any | None:
    text = stored.extensions.get(revision.schema.stored_name(name))
    return None if text is None else revision.schema.visible_records(name, parse(text))


def _with_unique(extension: Extension) -> Extension:
    if not extension.unique:
        raise NoUniqueAttributes
    return extension

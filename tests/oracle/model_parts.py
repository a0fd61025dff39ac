"""The plain model, with the operations on extension records and on the definition."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.oracle import content
from tests.oracle.answers import Answer, Condition, Order, Refused, answers
from tests.oracle.content import Records
from tests.oracle.definition import Part, attributes_of
from tests.oracle.model import Life, Model


class RecordsModel(Model):
    """The operations below ``/profiles/{id}/extensions``."""

    @answers
    def insert(self, customer_id: str, body: Any, order: Order) -> Answer:
        given = content.load_extensions(self.definition, body)

        def inserted(name: str) -> Callable[[Any], Any]:
            return lambda stored: _inserted(self.definition.defined(name), stored, given[name])

        changes = {name: inserted(name) for name in given}
        return self._change(customer_id, order, "insert_records", changes)

    @answers
    def read_extension(self, customer_id: str, name: str, condition: Condition) -> Answer:
        extension = self.definition.defined(name)
        _, life = self._readable(customer_id)
        records = life.records.get(extension["name"])
        if records is None:
            if extension["type"] != "multi-valued":
                raise Refused(404, "extension_not_found")
            records = []
        return self._read(customer_id, life, deepcopy(records), condition)

    @answers
    def replace_extension(self, customer_id: str, name: str, body: Any, order: Order) -> Answer:
        extension = self.definition.defined(name)
        given = content.load_records(extension, body)
        changes: dict[str, Callable[[Any], Any]] = {extension["name"]: lambda _: given}
        return self._change(customer_id, order, "replace_extension", changes)

    @answers
    def remove_extension(self, customer_id: str, name: str, order: Order) -> Answer:
        extension = self.definition.defined(name)

        def removed(stored: Any) -> None:
            if stored is None:
                raise Refused(404, "extension_not_found")

        return self._quietly(customer_id, order, "remove_extension", extension, removed)

    @answers
    def update_record(self, customer_id: str, name: str, body: Any, order: Order) -> Answer:
        extension = self._with_unique(name)
        unique, others = content.load_partial(extension, body)

        def updated(stored: Any) -> Any:
            place = _place(extension, stored, unique)
            record = stored[place] | others
            kept = {each: value for each, value in record.items() if value is not None}
            whole = content.load_records(extension, [kept])
            return [*stored[:place], *(whole or ()), *stored[place + 1 :]]

        return self._quietly(customer_id, order, "update_record", extension, updated)

    @answers
    def delete_record(self, customer_id: str, name: str, body: Any, order: Order) -> Answer:
        extension = self._with_unique(name)
        unique = content.load_unique(extension, body)

        def deleted(stored: Any) -> Any:
            place = _place(extension, stored, unique)
            return [*stored[:place], *stored[place + 1 :]] or None

        return self._quietly(customer_id, order, "delete_record", extension, deleted)

    def _with_unique(self, name: str) -> Part:
        extension = self.definition.defined(name)
        if not extension.get("unique"):
            raise Refused(400, "no_unique_attributes")
        return extension

    def _quietly(
        self,
        customer_id: str,
        order: Order,
        operation: str,
        extension: Part,
        change: Callable[[Any], Any],
    ) -> Answer:
        changes = {extension["name"]: change}
        answer = self._change(customer_id, order, operation, changes)
        return Answer(204, version=answer.version)

    def _change(
        self,
        customer_id: str,
        order: Order,
        operation: str,
        changes: dict[str, Callable[[Any], Any]],
    ) -> Answer:
        def changed(life: Life) -> tuple[dict[str, Any], Records, set[str]]:
            records = dict(life.records)
            parts = set()
            for name, change in changes.items():
                after = change(records.pop(name, None))
                if after is not None:
                    records[name] = after
                if name in life.records or after is not None:
                    parts.add(name)
            return life.attributes, records, parts

        return self._write(customer_id, order, operation, changed)


class Oracle(RecordsModel):
    """Everything, also the operations below ``/metadata``."""

    @answers
    def attributes(self) -> Answer:
        return Answer(200, deepcopy(self.definition.attributes))

    @answers
    def extensions(self) -> Answer:
        return Answer(200, deepcopy(self.definition.extensions))

    @answers
    def keys(self) -> Answer:
        return Answer(200, deepcopy(self.definition.keys))

    @answers
    def add_attribute(self, attribute: Part) -> Answer:
        """A PUT of all core attributes and this one."""
        if self.definition.attribute("profile", attribute["name"]) is None:
            self.definition.attributes.append(deepcopy(attribute))
        return Answer(200, deepcopy(self.definition.attributes))

    @answers
    def add_extension(self, extension: Part) -> Answer:
        name = extension["name"]
        taken = [each["name"] for each in self.definition.attributes] + self.definition.names
        if name.lower() in {each.lower() for each in taken}:
            raise Refused(409, "name_taken", name=name)
        self.definition.extensions.append(deepcopy(extension))
        return Answer(201, {"name": name})

    @answers
    def extend(self, name: str, attribute: Part) -> Answer:
        """A PUT of the extension with this attribute beside those that it has."""
        extension = self.definition.extension(name)
        if extension is None:
            raise Refused(404, "not_defined", name=name)
        if all(each["name"] != attribute["name"] for each in extension["attributes"]):
            extension["attributes"].append(deepcopy(attribute))
        return Answer(200, deepcopy(extension))

    @answers
    def drop_extension(self, name: str) -> Answer:
        """Its records are gone, of all customers and of all their versions."""
        extension = self.definition.extension(name)
        if extension is None:
            raise Refused(404, "not_defined", name=name)
        for key in self.definition.keys:
            if key["source"] == extension["name"]:
                raise Refused(409, "in_use", key=key["name"])
        self.definition.extensions.remove(extension)
        for life in self.lives.values():
            for records in (life.records, *(each.records for each in life.past)):
                records.pop(extension["name"], None)
        return Answer(204)

    @answers
    def add_key(self, key: Part) -> Answer:
        """It is built in the background: see `Definition.building`."""
        known = {each["name"] for each in self.definition.attributes_of(key["source"])}
        if not set(attributes_of(key)) <= known:
            raise Refused(400, "invalid_definition")
        if self.definition.key(key["name"]):
            raise Refused(409, "name_taken", name=key["name"])
        self.definition.keys.append(deepcopy(key))
        self.definition.building.add(key["name"])
        return Answer(201, {"name": key["name"]})

    @answers
    def drop_key(self, name: str) -> Answer:
        key = self.definition.key(name)
        if key is None:
            raise Refused(404, "not_defined", name=name)
        self.definition.keys.remove(key)
        self.definition.building.discard(key["name"])
        return Answer(204)


def _inserted(extension: Part, stored: Any, given: Any) -> Any:
    if extension["type"] != "multi-valued":
        return given
    records = list(stored or [])
    for record in given:
        own = content.identity(extension, record)
        same = [
            index
            for index, each in enumerate(records)
            if extension.get("unique") and content.identity(extension, each) == own
        ]
        if same:
            records[same[0]] = record
        else:
            records.append(record)
    return records


def _place(extension: Part, stored: Any, unique: dict[str, Any]) -> int:
    wanted = content.identity(extension, unique)
    for index, record in enumerate(stored or []):
        if content.identity(extension, record) == wanted:
            return index
    raise Refused(404, "record_not_found")

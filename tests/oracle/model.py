"""The contract of one tenant's profiles as a plain model: values in, answers out.

It knows nothing of HTTP, of stores, or of how the service does it.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.oracle import content, patches
from tests.oracle.answers import PLAIN, Answer, Condition, Order, Refused, answers
from tests.oracle.content import Records
from tests.oracle.definition import Definition
from tests.oracle.finding import Question, identify, values
from tests.oracle.merging import dialect, merge_attributes, merge_records, same

ATTRIBUTES = "attributes"


@dataclass(frozen=True, slots=True)
class First:
    """What is left to the service: the id of a new profile, and its first version number."""

    customer_id: str
    version: int


@dataclass(slots=True)
class Past:
    """One version of a profile, and what made it."""

    version: int
    operation: str
    parts: frozenset[str]
    attributes: dict[str, Any]
    records: Records


@dataclass(slots=True)
class Life:
    """A profile from its creation on."""

    attributes: dict[str, Any]
    records: Records
    past: list[Past] = field(default_factory=list)

    @property
    def version(self) -> int:
        return self.past[-1].version

    def keep(self, version: int, operation: str, parts: set[str]) -> None:
        """What it holds now, as a version of its own."""
        held = deepcopy((self.attributes, self.records))
        self.past.append(Past(version, operation, frozenset(parts), *held))


class Model:
    """The profiles of a tenant: those that live, and the ids that lead to another one."""

    def __init__(self) -> None:
        self.definition = Definition()
        self.lives: dict[str, Life] = {}
        self.aliases: dict[str, str] = {}
        self.last: dict[str, int] = {}

    def survivor(self, customer_id: str) -> str:
        """Where an id leads; to itself, unless it was merged."""
        while customer_id in self.aliases:
            customer_id = self.aliases[customer_id]
        return customer_id

    @answers
    def create(self, body: Any, first: First, order: Order) -> Answer:
        named, attributes, records = content.load(self.definition, body)
        customer_id = named or first.customer_id
        if customer_id in self.lives or customer_id in self.aliases:
            raise Refused(409, "profile_exists")
        order.condition.check(None)
        return self._born(customer_id, first, Life(attributes, records or {}), order)

    @answers
    def create_at(self, customer_id: str, body: Any, first: First, order: Order) -> Answer:
        """A PUT with ``If-None-Match: *``."""
        _, attributes, records = content.load(self.definition, body, customer_id)
        if customer_id in self.lives or customer_id in self.aliases:
            raise Refused(412, "precondition_failed")
        return self._born(customer_id, first, Life(attributes, records or {}), order)

    @answers
    def query(
        self, customer_id: str, extensions: str | None = None, condition: Condition = PLAIN
    ) -> Answer:
        asked = self.definition.asked(extensions)
        survivor, life = self._readable(customer_id)
        body = _whole(survivor, life.attributes, life.records, asked)
        return self._read(customer_id, life, body, condition)

    @answers
    def query_many(self, customer_ids: Iterable[str], extensions: str | None) -> Answer:
        asked = self.definition.asked(extensions)
        ids = dict.fromkeys(map(self.survivor, customer_ids))
        found = [(each, self.lives[each]) for each in ids if each in self.lives]
        told = [_whole(each, life.attributes, life.records, asked) for each, life in found]
        return Answer(200, told)

    @answers
    def at_version(self, customer_id: str, number: int, extensions: str | None) -> Answer:
        asked = self.definition.asked(extensions)
        survivor, life = self._readable(customer_id)
        then = next((each for each in life.past if each.version == number), None)
        if then is None:
            raise Refused(404, "version_not_found")
        body = _whole(survivor, then.attributes, then.records, asked)
        return Answer(200, body, number, place=_elsewhere(customer_id, survivor))

    @answers
    def history(self, customer_id: str) -> Answer:
        """Version, operation and parts of each change, newest first."""
        survivor, life = self._readable(customer_id)
        told = [(each.version, each.operation, each.parts) for each in reversed(life.past)]
        return Answer(200, told, place=_elsewhere(customer_id, survivor))

    @answers
    def update(self, customer_id: str, body: Any, order: Order) -> Answer:
        _, attributes, records = content.load(self.definition, body, customer_id)

        def overwritten(life: Life) -> tuple[dict[str, Any], Records, set[str]]:
            if records is None:
                return attributes, life.records, {ATTRIBUTES}
            return attributes, records, {ATTRIBUTES, *records, *life.records}

        return self._write(customer_id, order, "update", overwritten)

    @answers
    def patch(self, customer_id: str, kind: str, patch: Any, order: Order) -> Answer:
        """``kind``: "merge" or "json"."""
        apply = patches.merge_patch if kind == "merge" else patches.json_patch

        def patched(life: Life) -> tuple[dict[str, Any], Records, set[str]]:
            names = self.definition.names
            before = _whole(customer_id, life.attributes, life.records, names)
            result = apply(before, patch)
            _, attributes, records = content.load(self.definition, result, customer_id)
            after = records or {}
            changed = {name for name in names if not same(after.get(name), life.records.get(name))}
            stay = same(attributes, life.attributes)
            return attributes, after, changed | (set() if stay else {ATTRIBUTES})

        return self._write(customer_id, order, "patch", patched)

    @answers
    def delete(self, customer_id: str, condition: Condition) -> Answer:
        life = self._writable(customer_id)
        condition.check(life.version)
        for alias in [each for each in self.aliases if self.survivor(each) == customer_id]:
            del self.aliases[alias]
        del self.lives[customer_id]
        return Answer(200, {"customer_id": customer_id})

    @answers
    def merge(
        self, customer_id: str, source_id: str, body: dict[str, Any] | None, condition: Condition
    ) -> Answer:
        told = dialect(body)
        if customer_id == source_id:
            raise Refused(400, "self_merge")
        self._writable(customer_id)
        source = self._writable(source_id)

        def merged(life: Life) -> tuple[dict[str, Any], Records, set[str]]:
            attributes = merge_attributes(
                self.definition, life.attributes, source.attributes, told
            )
            records = merge_records(self.definition, life.records, source.records, told)
            changed = {name for name in records if not same(records[name], life.records.get(name))}
            return attributes, records, {ATTRIBUTES, *changed}

        answer = self._write(customer_id, Order(condition), "merge", merged)
        del self.lives[source_id]
        self.aliases[source_id] = customer_id
        return Answer(204, version=answer.version)

    @answers
    def identify(self, question: Question) -> Answer:
        return Answer(200, identify(self.definition, self.lives, question))

    def _readable(self, customer_id: str) -> tuple[str, Life]:
        survivor = self.survivor(customer_id)
        if survivor not in self.lives:
            raise Refused(404, "profile_not_found")
        return survivor, self.lives[survivor]

    def _read(self, customer_id: str, life: Life, body: Any, condition: Condition) -> Answer:
        condition.check_match(life.version)
        place = _elsewhere(customer_id, self.survivor(customer_id))
        if not condition.none_matches(life.version):
            return Answer(304, version=life.version, place=place)
        return Answer(200, body, life.version, place=place)

    def _writable(self, customer_id: str) -> Life:
        if customer_id in self.aliases:
            raise Refused(404, "profile_merged", survivor=self.survivor(customer_id))
        return self._readable(customer_id)[1]

    def _born(self, customer_id: str, first: First, life: Life, order: Order) -> Answer:
        self._claim(customer_id, life)
        above = self.last.get(customer_id, 0) + 1
        life.keep(max(first.version, above), "create", {ATTRIBUTES, *life.records})
        self.lives[customer_id] = life
        self.last[customer_id] = life.version
        return self._written(201, customer_id, order, is_told=True)

    def _write(
        self,
        customer_id: str,
        order: Order,
        operation: str,
        change: Callable[[Life], tuple[dict[str, Any], Records, set[str]]],
    ) -> Answer:
        life = self._writable(customer_id)
        order.condition.check(life.version)
        attributes, records, parts = change(life)
        if operation != "merge":  # its source gives the values that it holds
            self._claim(customer_id, Life(attributes, records))
        life.attributes, life.records = deepcopy((attributes, records))
        life.keep(life.version + 1, operation, parts)
        self.last[customer_id] = life.version
        return self._written(200, customer_id, order, is_told=order.whole or operation == "update")

    def _claim(self, customer_id: str, wanted: Life) -> None:
        """A whole value of a unique key identifies one customer at most."""
        others = [life for other, life in self.lives.items() if other != customer_id]
        taken = []
        for key in self.definition.keys:
            mine = values(self.definition, key, wanted) if key["unique"] else set()
            if any(mine & values(self.definition, key, life) for life in others):
                taken.append(key["name"])
        if taken:
            told = {"key": taken[0]} if len(taken) == 1 else {}
            raise Refused(409, "unique_key_taken", **told)

    def _written(self, status: int, customer_id: str, order: Order, *, is_told: bool) -> Answer:
        """``is_told``: whether the answer says where the profile is."""
        life = self.lives[customer_id]
        body: Any = {"customer_id": customer_id}
        if order.whole:
            body = _whole(customer_id, life.attributes, life.records, self.definition.names)
        place = customer_id if is_told else None
        return Answer(status, body, life.version, place=place)


def _whole(
    customer_id: str, attributes: dict[str, Any], records: Records, asked: list[str]
) -> dict[str, Any]:
    held = {name: records[name] for name in asked if name in records}
    return deepcopy({"customer_id": customer_id, **attributes, **held})


def _elsewhere(customer_id: str, survivor: str) -> str | None:
    return survivor if survivor != customer_id else None

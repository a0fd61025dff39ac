"""What all rules share: tenants, their models, entity tags, and the check after each step."""

import itertools
import time
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from werkzeug.test import TestResponse

from tests.oracle.answers import Answer, Condition, Order
from tests.oracle.comparison import (
    Service,
    check,
    identify_path,
    number_of,
    parts_of,
    profile_path,
    text,
    value_of,
)
from tests.oracle.domain import NEW, WHOLE_BODIES, Draft
from tests.oracle.finding import Question, questions
from tests.oracle.model import First
from tests.oracle.model_parts import Oracle
from tests.support.creators import a_tenant

FOREIGN = '"1-00000000000000000000000000000000"'


class World(RuleBasedStateMachine):
    """Two fresh tenants of the service, and a model of each."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self.service = service
        self.tenants = [a_tenant(), a_tenant()]
        self.models = [Oracle(), Oracle()]
        self.made = ["none", "none"]
        self.jobs_left = 0
        self.jobs: dict[str, tuple[int, str, str]] = {}
        self.spare: Iterator[dict[str, Any]] = itertools.repeat({})
        self._tags: dict[tuple[int, str, int], str] = {}
        self._marks = ["", ""]
        self._places: dict[str, tuple[int, str, int]] = {}
        self._written: set[int] = set()

    @initialize(luck=st.integers(0, 19), bodies=st.lists(WHOLE_BODIES, min_size=2, max_size=4))
    def begin(self, luck: int, bodies: list[dict[str, Any]]) -> None:
        """A few profiles; and some examples may start background jobs."""
        self.service.steps -= 1
        self.jobs_left = 2 if luck >= 20 - self.service.busy else 0
        self.spare = itertools.cycle(bodies)
        for t, customer_id in [(0, "a"), (0, "b"), (0, "c"), (1, "a")][: len(bodies)]:
            self.create_spare(t, customer_id)

    def create_spare(self, t: int, customer_id: str) -> None:
        """One of the profiles of the beginning."""
        body = self.body(t, Draft(next(self.spare)))
        path = profile_path(customer_id)
        response = self.send(t, "PUT", path, body, If_None_Match="*")
        first = self.first(response)
        expected = self.models[t].create_at(customer_id, body, first, Order())
        self.judge(t, customer_id, response, expected, "create_spare")

    @invariant()
    def the_same(self) -> None:
        """After a write, all profiles of its tenant are what the model says."""
        self.service.steps += 1
        for t in sorted(self._written):
            self.compare(t)
        self._written.clear()

    def teardown(self) -> None:
        """Once more, unless a step has failed."""
        for t in range(len(self.tenants)) if not self._written else ():
            self.compare(t)

    def send(
        self, t: int, method: str, path: str, body: Any = None, **headers: str
    ) -> TestResponse:
        """One request of the tenant ``t``; a job that is at work may let it be refused once."""
        if method != "GET":
            self._written.add(t)
        response = self.service.send(self.tenants[t], method, path, body, **headers)
        if (
            response.status_code == 503
            and value_of(response)["code"] == "store_busy"
            and self.jobs
        ):
            self.count("store_busy")
            time.sleep(int(response.headers["Retry-After"]))
            response = self.service.send(self.tenants[t], method, path, body, **headers)
        return response

    def judge(
        self, t: int, customer_id: str, response: TestResponse, expected: Answer, rule: str
    ) -> None:
        """The whole answer of a rule, with the entity tag."""
        self.count(f"{rule} {expected.code or expected.status}")
        check(response, expected)
        if expected.version is not None:
            place = (t, self.models[t].survivor(customer_id), expected.version)
            tag, self._marks[t] = parts_of(response.headers["ETag"])
            assert self._tags.setdefault(place, tag) == tag
            assert self._places.setdefault(tag, place) == place

    def count(self, what: str) -> None:
        self.service.seen[what] += 1

    def tag(self, t: int, customer_id: str, number: int) -> str:
        """What stands for a version, without the mark of the definition."""
        return self._tags[t, self.models[t].survivor(customer_id), number]

    def entity_tag(self, t: int, version: str) -> str:
        """With the mark that an answer had last."""
        return f'"{version}-{self._marks[t]}"'

    def look_again(self, t: int, customer_id: str) -> None:
        """So that the mark is that of the definition now, if the profile is there."""
        response = self.send(t, "GET", profile_path(customer_id))
        if response.status_code == 200:
            _, self._marks[t] = parts_of(response.headers["ETag"])

    def resolve(self, t: int, who: str) -> str:
        """The id that is meant by one of `IDS`."""
        if who == NEW:
            return self.made[t]
        customer_id = who.removesuffix("!")
        model = self.models[t]
        if who != customer_id and model.survivor(customer_id) not in model.lives:
            self.create_spare(t, customer_id)
        return customer_id

    def body(self, t: int, draft: Draft) -> dict[str, Any]:
        """The body of a draft: without what is not defined now, unless it is strict."""
        definition = self.models[t].definition
        known = {each["name"] for each in definition.attributes} | set(definition.names)
        sound = {
            name: value for name, value in draft.sound.items() if draft.strict or name in known
        }
        return sound | draft.more

    def first(self, response: TestResponse) -> First:
        """What the service chose for a new profile."""
        if response.status_code != 201:
            return First("", 0)
        number = number_of(response.headers["ETag"])
        return First(value_of(response)["customer_id"], number)

    def condition(self, t: int, customer_id: str, kind: str) -> tuple[str, Condition]:
        """The value of If-Match for a ``kind`` of condition, and what it means."""
        model = self.models[t]
        life = model.lives.get(model.survivor(customer_id))
        now = life.version if life else 0
        tag = self.entity_tag(t, self.tag(t, customer_id, now)) if life else FOREIGN
        match kind:
            case "*":
                return "*", Condition("*")
            case "right":
                return f"{FOREIGN}, {tag}", Condition(frozenset({now}))
            case "only":
                return tag, Condition(frozenset({now}))
            case "weak":
                return f"W/{tag}", Condition(frozenset(), weak=True)
        key = (t, model.survivor(customer_id), now - 1)
        if kind == "stale" and key in self._tags:
            return self.entity_tag(t, self._tags[key]), Condition(frozenset({now - 1}))
        return FOREIGN, Condition(frozenset())

    def compare(self, t: int) -> None:
        """Every live profile reads back equal, no other one does, and each is found."""
        model = self.models[t]
        for customer_id in sorted({*model.last, *model.aliases}):
            path = profile_path(customer_id, extensions="*")
            check(self.send(t, "GET", path), model.query(customer_id, "*"))
        for question in self.held_values(t):
            response = self.send(t, "GET", identify_path(question))
            check(response, model.identify(question))

    def held_values(self, t: int) -> Iterator[Question]:
        """One for each value that a live profile is found by."""
        model = self.models[t]
        asked = {
            text([key, pairs]): Question(pairs, key)
            for life in model.lives.values()
            for key, pairs in questions(model.definition, life)
        }
        yield from asked.values()

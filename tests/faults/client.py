"""One client: operations at random, each recorded with what came back."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from tests.faults import bodies
from tests.faults.history import Operation, Outcome, Verb
from tests.faults.wire import Answer, NoAnswer, Wire

HOT = tuple(f"hot{number}" for number in range(4))
PHONES = 4
SETTLE_SECONDS = 90.0
REPEAT_SECONDS = 0.2
REFUSED_SECONDS = 0.1
BETWEEN_READS_SECONDS = 0.01
FRESH_KEPT = 5
MERGE_PATCH = "application/merge-patch+json"

Record = Callable[[Operation], None]


@dataclass(frozen=True, slots=True)
class Habits:
    """``cold``: how many profiles beside the hot ones are written to by all clients.

    ``hot``, ``keyed``, ``conditional``: the shares of writes to the hot ones, and of those with
    ``Idempotency-Key`` and ``If-Match``.
    """

    cold: int = 200
    hot: float = 0.25
    keyed: float = 0.5
    conditional: float = 0.5


@dataclass
class Client:
    """``name`` is short; ``names`` are those of all clients. ``only_reads``: it never writes."""

    name: str
    names: Sequence[str]
    wire: Wire
    random: random.Random
    habits: Habits
    record: Record
    only_reads: bool = False
    number: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)

    def step(self) -> Operation:
        """One operation, sometimes a second one that it leads to."""
        reading = {self._read: 20, self._identify: 10}
        writing = {
            self._update: 20,
            self._update_all: 8,
            self._patch: 10,
            self._insert: 8,
            self._delete: 3,
            self._create_fresh: 7,
            self._merge: 6,
        }
        kinds = reading if self.only_reads else reading | writing
        made = self.random.choices(list(kinds), list(kinds.values()))[0]()
        if made.code == "profile_not_found" and made.writes and not made.source:
            made = self._create(made.profile)
        if self.only_reads or made.status == 503:
            time.sleep(REFUSED_SECONDS if made.status == 503 else BETWEEN_READS_SECONDS)
        return made

    def _read(self) -> Operation:
        gone = self.merged and self.random.random() < 0.1
        profile = self.random.choice(self.merged) if gone else self._profile()
        made = self._asked(Verb.READ, f"/profiles/{profile}?extensions=*", profile=profile)
        if made.answer:
            self.tags[made.answer["customer_id"]] = made.tag
        return made

    def _identify(self) -> Operation:
        """Mostly by what was written last, which may be overwritten."""
        text = bodies.email(self._recent_marker())
        path = f"/profiles?{urlencode({'EmailAddress': text})}"
        return self._asked(Verb.IDENTIFY, path, value=("EmailAddress", text))

    def _update(self) -> Operation:
        return self._write(Verb.UPDATE, self._profile(), bodies.attributes(self._marker))

    def _update_all(self) -> Operation:
        body = bodies.attributes(self._marker) | bodies.extensions(self._marker)
        return self._write(Verb.UPDATE, self._profile(), body)

    def _patch(self) -> Operation:
        marker = self._marker
        change: dict[str, Any] = {"EmailAddress": [bodies.email(marker)]}
        if self.random.random() < 0.5:
            change |= {"Title": marker, "Address": {"City": marker}}
        else:
            change |= {"LastName": marker, "FirstName": None, "Phone": None}
        return self._write(Verb.PATCH, self._profile(), change)

    def _insert(self) -> Operation:
        profile, marker = self._profile(), self._marker
        number = f"{profile}-{self.random.randrange(PHONES)}"
        body: dict[str, Any] = {"Phone": bodies.phone(number, marker)}
        if self.random.random() < 0.3:
            body |= bodies.address(marker)
        return self._write(Verb.INSERT, profile, body)

    def _delete(self) -> Operation:
        """Never a fresh one: what was merged away is not to be created again."""
        return self._write(Verb.DELETE, self._shared(), None)

    def _create(self, profile: str) -> Operation:
        body = bodies.attributes(self._marker)
        if self.random.random() < 0.7:
            body |= bodies.extensions(self._marker)
        return self._write(Verb.CREATE, profile, body)

    def _create_fresh(self) -> Operation:
        """One that may be merged away, under an id of its own or the service's."""
        own = f"{self.name}.{self.number}"
        made = self._create(own if self.random.random() < 0.7 else "")
        if made.acknowledged:
            self.fresh = [*self.fresh, made.profile][-FRESH_KEPT:]
        return made

    def _merge(self) -> Operation:
        if not self.fresh:
            return self._create_fresh()
        source = self.fresh.pop(0)
        into = self._profile()
        body = {"reason": self._marker, "force_merge": self.random.random() < 0.8}
        made = self._write(Verb.MERGE, into, body, source=source)
        if made.outcome is Outcome.REFUSED and made.code != "profile_merged":
            self.fresh.append(source)
        else:
            self.merged = [*self.merged, source][-FRESH_KEPT:]
        return made

    def _recent_marker(self) -> str:
        """Of a write of this client, or of another one that may have come as far."""
        most, recent = max(1, self.number), self.random.random() < 0.7
        number = self.random.randrange(max(0, most - 20) if recent else 0, most)
        others = self.only_reads or self.random.random() < 0.2
        name = self.random.choice(self.names) if others else self.name
        return f"{name}-{number}"

    @property
    def _marker(self) -> str:
        return f"{self.name}-{self.number}"

    def _profile(self) -> str:
        """Any that is written to; a fresh one now and then."""
        if self.fresh and self.random.random() < 0.1:
            return self.random.choice(self.fresh)
        return self._shared()

    def _shared(self) -> str:
        if self.random.random() < self.habits.hot:
            return self.random.choice(HOT)
        return f"cold{self.random.randrange(self.habits.cold)}"

    def _asked(self, verb: Verb, path: str, **told: Any) -> Operation:
        started = time.monotonic()
        begun = Operation(
            client=self.name, number=self.number, verb=verb, started=started, ended=started, **told
        )
        self.number += 1
        try:
            answer = self.wire.send("GET", path)
        except NoAnswer:
            ended = replace(begun, ended=time.monotonic())
        else:
            ended = _read_out(begun, answer)
        self.record(ended)
        return ended

    def _write(self, verb: Verb, profile: str, body: Any, source: str = "") -> Operation:
        marker, started = self._marker, time.monotonic()
        tag = self.tags.get(profile, "")
        conditional = verb is not Verb.CREATE and self.random.random() < self.habits.conditional
        begun = Operation(
            client=self.name,
            number=self.number,
            verb=verb,
            profile=profile,
            marker=marker,
            body=body,
            source=source,
            if_match=tag if conditional else "",
            keyed=self.random.random() < self.habits.keyed,
            started=started,
            ended=started,
        )
        self.number += 1
        self.record(begun)
        ended = self._settled(begun)
        self.record(ended)
        if ended.acknowledged and ended.tag:
            self.tags[ended.profile] = ended.tag
        if ended.status == 412:
            self.tags.pop(profile, None)
        return ended

    def _settled(self, begun: Operation) -> Operation:
        """Sent, and where it has a key sent again until the outcome is known."""
        deadline = begun.started + SETTLE_SECONDS
        made = self._attempt(begun)
        while made.outcome is Outcome.UNKNOWN and made.keyed and made.ended < deadline:
            time.sleep(REPEAT_SECONDS)
            again = self._attempt(replace(made, attempts=made.attempts + 1))
            # A repeat that the service cannot serve says nothing of the first attempt.
            unserved = again.status == 503
            made = replace(again, outcome=Outcome.UNKNOWN) if unserved else again
        return made

    def _attempt(self, asked: Operation) -> Operation:
        method, path = request_line(asked)
        headers = {"Profiles-Reason": asked.marker}
        if asked.if_match:
            headers["If-Match"] = f'"{asked.if_match}"'
        if asked.keyed:
            headers["Idempotency-Key"] = f'"{self.wire.tenant}-{asked.marker}"'
        if asked.verb is Verb.PATCH:
            headers["Content-Type"] = MERGE_PATCH
        body = asked.body
        if asked.verb is Verb.CREATE and asked.profile:
            body = {"customer_id": asked.profile, **body}
        try:
            answer = self.wire.send(method, path, body, **headers)
        except NoAnswer:
            return replace(asked, ended=time.monotonic(), status=0, code="")
        return _written(asked, answer)


def request_line(asked: Operation) -> tuple[str, str]:
    """The method and path of a write."""
    one = f"/profiles/{asked.profile}"
    return {
        Verb.CREATE: ("POST", "/profiles"),
        Verb.UPDATE: ("PUT", one),
        Verb.PATCH: ("PATCH", one),
        Verb.INSERT: ("POST", f"{one}/extensions"),
        Verb.DELETE: ("DELETE", one),
        Verb.MERGE: ("PUT", f"{one}/merge/{asked.source}"),
    }[asked.verb]


def _written(asked: Operation, answer: Answer) -> Operation:
    made = replace(asked, ended=time.monotonic(), status=answer.status, code=answer.code)
    if answer.status < 300:
        body = answer.body if asked.verb is Verb.CREATE else {}
        profile = body.get("customer_id", asked.profile)
        return replace(made, outcome=Outcome.ACKNOWLEDGED, tag=answer.tag, profile=profile)
    if answer.status == 500 or answer.code == "outcome_unknown":
        return replace(made, outcome=Outcome.UNKNOWN)
    return replace(made, outcome=Outcome.REFUSED)


def _read_out(asked: Operation, answer: Answer) -> Operation:
    made = replace(asked, ended=time.monotonic(), status=answer.status, code=answer.code)
    if answer.status == 404:
        return replace(made, outcome=Outcome.ACKNOWLEDGED)
    if answer.status != 200:
        return replace(made, outcome=Outcome.REFUSED)
    found = answer.body
    if asked.verb is Verb.IDENTIFY:
        found = [each["customer_id"] for each in answer.body]
    return replace(made, outcome=Outcome.ACKNOWLEDGED, tag=answer.tag, answer=found)

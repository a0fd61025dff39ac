"""Histories made by hand: a service that does everything right, to be spoiled by a test."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.faults.bodies import address, attributes, email
from tests.faults.checker import Report, check
from tests.faults.history import Operation, Outcome, Verb
from tests.faults.identity import values_in
from tests.faults.replay import EXTENSIONS, after, attributes_of, records_of
from tests.faults.told import Content, Found, StoredVersion, Told, ToldProfile, values_of
from tests.faults.violations import Rule


@dataclass
class Story:
    """Operations one after the other, a second each, and what is stored by them."""

    operations: list[Operation] = field(default_factory=list)
    rows: dict[str, list[StoredVersion]] = field(default_factory=dict)
    contents: dict[str, list[Content | None]] = field(default_factory=dict)
    survivors: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def create(self, profile: str, **asked: Any) -> Operation:
        return self.write(Verb.CREATE, profile, lambda m: {**attributes(m), **address(m)}, **asked)

    def update(self, profile: str, **asked: Any) -> Operation:
        return self.write(Verb.UPDATE, profile, attributes, **asked)

    def delete(self, profile: str) -> Operation:
        """Also what was merged into it is gone."""
        self.gone |= {source for source, into in self.survivors.items() if into == profile}
        return self.write(Verb.DELETE, profile, lambda _: None)

    def merge(self, into: str, source: str) -> Operation:
        """Marks the source, then writes the destination; the source is an alias then."""
        content = self.contents[source][-1]
        marked = self.tag(source, len(self.contents[source]))
        parts = {"attributes": attributes_of(content or {})}
        number = len(self.contents[source])
        self.rows[source].append(StoredVersion(number, marked, "mark", "", parts))
        self.contents[source].append(content)
        self.survivors[source] = into
        return self.write(
            Verb.MERGE, into, lambda m: {"reason": m, "force_merge": True}, source=source
        )

    def write(
        self, verb: Verb, profile: str, body: Callable[[str], Any], **asked: Any
    ) -> Operation:
        """An acknowledged write; in ``asked`` what else the operation is to say."""
        marker = f"m{len(self.operations)}"
        contents = self.contents.setdefault(profile, [None])
        tag = self.tag(profile, len(contents))
        written = self._operation(
            verb, profile=profile, marker=marker, body=body(marker), tag=tag, status=200, **asked
        )
        source = self.contents[written.source][-1] if written.source else None
        content = after(written, contents[-1], source)
        row = StoredVersion(len(contents), tag, verb, marker, parts(content, contents[-1]))
        self.rows.setdefault(profile, []).append(row)
        contents.append(content)
        return written

    def refused(self, verb: Verb, profile: str) -> Operation:
        """A write that was not applied."""
        marker = f"m{len(self.operations)}"
        told = {"outcome": Outcome.REFUSED, "status": 412, "code": "precondition_failed"}
        return self._operation(
            verb, profile=profile, marker=marker, body=attributes(marker), **told
        )

    def read(self, profile: str, number: int | None = None) -> Operation:
        """What is stored now, or the version of this number."""
        at = self.survivors.get(profile, profile)
        number = len(self.contents[at]) - 1 if number is None else number
        content = None if profile in self.gone else self.contents[at][number]
        answer = content and {"customer_id": at, **content}
        tag = self.tag(at, number) if content else ""
        return self._operation(
            Verb.READ, profile=profile, answer=answer, tag=tag, status=200 if content else 404
        )

    def identify(self, marker: str, *ids: str) -> Operation:
        value = ("EmailAddress", email(marker))
        return self._operation(Verb.IDENTIFY, value=value, answer=list(ids), status=200)

    def tag(self, profile: str, number: int) -> str:
        return f"{number}-{profile}"

    def last(self) -> str:
        """The marker of the last write."""
        return next(each.marker for each in reversed(self.operations) if each.marker)

    def replace(self, operation: Operation, **changed: Any) -> None:
        """Another record of the same operation."""
        place = self.operations.index(operation)
        self.operations[place] = replace(operation, **changed)

    def told(self) -> Told:
        profiles = {profile: self._profile(profile) for profile in self.rows}
        written = {value for each in self.operations for value in values_in(each.body)}
        found = tuple(Found(frozenset([each]), self._holders(each)) for each in written)
        return Told(profiles, found)

    def judged(self) -> Report:
        return check(self.operations, self.told())

    def broken(self) -> set[Rule]:
        return {each.rule for each in self.judged().violations}

    def _profile(self, profile: str) -> ToldProfile:
        at = self.survivors.get(profile, profile)
        number = len(self.contents[at]) - 1
        content = None if profile in self.gone else self.contents[at][-1]
        alias, rows = at != profile, tuple(self.rows[profile])
        return ToldProfile(
            state="alias" if alias else "live" if content else "deleted",
            number=len(self.contents[profile]) - 1 + alias,
            tag=self.tag(profile, len(self.contents[profile]) - 1),
            versions=rows,
            current=content and {"customer_id": at, **content},
            answered=self.tag(at, number) if content else "",
        )

    def _holders(self, value: tuple[str, str]) -> frozenset[str]:
        return frozenset(
            profile
            for profile, contents in self.contents.items()
            if profile not in self.survivors and value in values_of(contents[-1])
        )

    def _operation(self, verb: Verb, **told: Any) -> Operation:
        number = len(self.operations)
        made = Operation(
            **{"outcome": Outcome.ACKNOWLEDGED}
            | told
            | {"client": "c", "number": number, "verb": verb}
            | {"started": number + 0.1, "ended": number + 0.9}
        )
        self.operations.append(made)
        return made


def parts(content: Content | None, before: Content | None) -> dict[str, Any]:
    """What the past row of a version tells."""
    removed = (before or {}).keys() & EXTENSIONS - (content or {}).keys()
    written = {"attributes": attributes_of(content or {}), "removed": sorted(removed)}
    return written | {"extensions": records_of(content or {})}

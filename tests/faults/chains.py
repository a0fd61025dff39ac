"""The versions of each profile, replayed from the requests that made them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

from tests.faults.history import Operation, Verb
from tests.faults.replay import EXTENSIONS, Impossible, after
from tests.faults.told import Content, StoredVersion, Told, Value, values_of
from tests.faults.violations import Rule, Violation

MARK = "mark"
Interval = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that was applied: ``into`` which profile, as which of its versions."""

    into: str
    number: int
    operation: Operation


@dataclass(slots=True)
class Chain:
    """One profile: what its versions hold, by number, 0 being before the first.

    ``starts`` are the earliest moments at which each can have been there. ``held`` are, for each
    value that it was ever found by, the versions that hold it, from the first to the last.
    """

    contents: list[Content | None] = field(default_factory=lambda: [None])
    starts: list[float] = field(default_factory=lambda: [-inf])
    tags: list[str] = field(default_factory=lambda: [""])
    operations: list[Operation | None] = field(default_factory=lambda: [None])
    held: dict[Value, list[Interval]] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return len(self.contents) - 1

    def has(self, number: int, tag: str) -> bool:
        return 0 < number <= self.last and self.tags[number] == tag

    def add(self, content: Content | None, tag: str, operation: Operation | None) -> None:
        before, now = values_of(self.contents[-1]), values_of(content)
        number = len(self.contents)
        for value in before - now:
            first, _ = self.held[value].pop()
            self.held[value].append((first, number - 1))
        for value in now - before:
            self.held.setdefault(value, []).append((number, inf))
        self.contents.append(content)
        self.tags.append(tag)
        self.operations.append(operation)
        self.starts.append(max(self.starts[-1], operation.started if operation else -inf))


class Chains(Mapping[str, Chain]):
    """Those of all profiles, and what is wrong with them in themselves."""

    def __init__(self, operations: Iterable[Operation], told: Told) -> None:
        self._told = told
        self.by_marker = {each.marker: each for each in operations if each.writes}
        self.places = _places(told)
        self.merges: dict[str, Merge] = {}
        self.violations: list[Violation] = []
        self._chains: dict[str, Chain] = {}
        self._under_way: set[str] = set()
        for profile in told.profiles:
            self._find_merges(profile)
        for profile in told.profiles:
            self._replayed(profile)

    def __getitem__(self, profile: str) -> Chain:
        return self._chains[profile]

    def __iter__(self) -> Iterator[str]:
        return iter(self._chains)

    def __len__(self) -> int:
        return len(self._chains)

    def survivor(self, profile: str) -> str | None:
        """Where the id leads in the end, None if to nothing."""
        while merge := self.merges.get(profile):
            if None in self[merge.into].contents[merge.number :]:
                return None
            profile = merge.into
        return profile if self[profile].contents[-1] is not None else None

    def _find_merges(self, profile: str) -> None:
        for row in self._told.profiles[profile].versions:
            operation = self.by_marker.get(row.marker)
            if operation is None or operation.verb is not Verb.MERGE:
                continue
            if operation.source in self.merges:
                self._add(Rule.CHAIN, operation.source, "was merged twice", operation)
            self.merges[operation.source] = Merge(profile, row.number, operation)

    def _replayed(self, profile: str) -> Chain:
        if profile in self._chains:
            return self._chains[profile]
        self._under_way.add(profile)
        chain = Chain()
        for row in sorted(self._told.profiles[profile].versions, key=lambda each: each.number):
            self._replay(profile, chain, row)
        self._check_end(profile, chain)
        self._under_way.discard(profile)
        self._chains[profile] = chain
        return chain

    def _replay(self, profile: str, chain: Chain, row: StoredVersion) -> None:
        if row.number != len(chain.contents):
            self._add(Rule.CHAIN, profile, f"version {row.number} follows {chain.last}")
        while row.number > len(chain.contents):
            chain.add(chain.contents[-1], "", None)
        if row.number < len(chain.contents):
            return
        before, operation = chain.contents[-1], self.by_marker.get(row.marker)
        stored = _stored(row, before)
        if row.operation != MARK:
            self._check_written(profile, row, before, stored)
        elif stored != before:
            self._add(Rule.MIXED, profile, f"version {row.number}, a mark, changes the content")
        chain.add(stored, row.tag, operation)

    def _check_written(
        self, profile: str, row: StoredVersion, before: Content | None, stored: Content | None
    ) -> None:
        operation = self.by_marker.get(row.marker)
        if operation is None or operation.profile not in (profile, ""):
            sentence = f"nobody asked for version {row.number} ({row.operation} {row.marker!r})"
            self._add(Rule.CHAIN, profile, sentence)
            return
        if row.operation != operation.verb:
            self._add(Rule.CHAIN, profile, f"version {row.number} is {row.operation}", operation)
        try:
            expected = after(operation, before, self._source(operation))
        except Impossible as error:
            self._add(Rule.CHAIN, profile, f"version {row.number}: {error}", operation)
            return
        if stored != expected:
            sentence = f"version {row.number} holds {stored}, not {expected}"
            self._add(Rule.MIXED, profile, sentence, operation)

    def _source(self, operation: Operation) -> Content | None:
        """The last content of what was merged away."""
        source = operation.source
        if source not in self._told.profiles or source in self._under_way:
            return None
        return self._replayed(source).contents[-1]

    def _check_end(self, profile: str, chain: Chain) -> None:
        """The core row is the last version; an alias is one more, which no past row tells."""
        told = self._told.profiles[profile]
        last = chain.last + (told.state == "alias")
        if told.number != last:
            sentence = f"is version {told.number}, and its last past row is {chain.last}"
            self._add(Rule.CHAIN, profile, sentence)
        if told.state == "live" and told.tag != chain.tags[-1]:
            self._add(Rule.CHAIN, profile, f"is {told.tag}, its last past row {chain.tags[-1]}")

    def _add(self, rule: Rule, profile: str, sentence: str, *evidence: Operation) -> None:
        self.violations.append(Violation(rule, profile, sentence, evidence))


def _places(told: Told) -> dict[str, list[tuple[str, int]]]:
    """Where each marker is: the profile, and the number of the version."""
    places: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for profile, each in told.profiles.items():
        for row in each.versions:
            if row.marker:
                places[row.marker].append((profile, row.number))
    return places


def _stored(row: StoredVersion, before: Content | None) -> Content | None:
    """The content of a version, by its past row and the version before."""
    if row.operation == Verb.DELETE:
        return None
    if row.operation == MARK:
        return before if before is None else before | row.parts["attributes"]
    removed, attributes = row.parts.get("removed", ()), row.parts["attributes"]
    kept = {
        name: records
        for name, records in (before or {}).items()
        if name in EXTENSIONS and name not in removed
    }
    content: Content = attributes | kept | row.parts.get("extensions", {})
    return content

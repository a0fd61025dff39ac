"""Which versions a profile can have had at a moment, as far as that is certain."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tests.faults.chains import Chains
from tests.faults.history import Operation, Verb


@dataclass(frozen=True, slots=True)
class Window:
    """The versions from ``least`` to ``most`` that something which took a while can have met."""

    least: int
    most: int


class Timeline:
    """What had been seen of each profile by when: by an answer to a write, or by a read.

    A version was there at the latest when an answer told of it, and not before its write began.
    """

    def __init__(self, operations: Iterable[Operation], chains: Chains) -> None:
        self._chains = chains
        seen: dict[str, list[tuple[float, int]]] = defaultdict(list)
        merged: dict[str, float] = {}
        for each in operations:
            for profile, number in _told_by(each, chains):
                seen[profile].append((each.ended, number))
            if _shows_merge(each, chains):
                merged[each.profile] = min(each.ended, merged.get(each.profile, each.ended))
        self._merged = merged
        self._moments: dict[str, list[float]] = {}
        self._numbers: dict[str, list[int]] = {}
        for profile, pairs in seen.items():
            pairs.sort()
            highest, numbers = 0, []
            for _, number in pairs:
                highest = max(highest, number)
                numbers.append(highest)
            self._moments[profile] = [moment for moment, _ in pairs]
            self._numbers[profile] = numbers

    def window(self, profile: str, started: float, ended: float) -> Window:
        """Those that an operation between two moments can have met."""
        return Window(self._least(profile, started), self._most(profile, ended))

    def may_be_merged(self, profile: str, moment: float) -> bool:
        """Whether the profile can have been merged away by then."""
        merge = self._chains.merges.get(profile)
        return merge is not None and self._chains[merge.into].starts[merge.number] < moment

    def is_merged(self, profile: str, moment: float) -> bool:
        """Whether it is certain that it was."""
        merge = self._chains.merges.get(profile)
        if merge is None:
            return False
        seen = self._merged.get(profile)
        return (seen is not None and seen < moment) or (
            self._least(merge.into, moment) >= merge.number
        )

    def may_be_absent(self, profile: str, started: float, ended: float) -> bool:
        """Whether a read between the moments can have found no profile, also none merged into."""
        if profile not in self._chains:
            return True
        if not self.is_merged(profile, started):
            window = self.window(profile, started, ended)
            if None in self._chains[profile].contents[window.least : window.most + 1]:
                return True
        # A survivor that was deleted takes what was merged into it along, for good.
        while self.may_be_merged(profile, ended):
            merge = self._chains.merges[profile]
            profile = merge.into
            last = self._most(profile, ended)
            if None in self._chains[profile].contents[merge.number : last + 1]:
                return True
        return False

    def _least(self, profile: str, moment: float) -> int:
        index = bisect_left(self._moments.get(profile, []), moment)
        return self._numbers[profile][index - 1] if index else 0

    def _most(self, profile: str, moment: float) -> int:
        return bisect_left(self._chains[profile].starts, moment) - 1


def number_of(tag: str) -> int:
    """The number of the version in an entity tag, 0 in what is none."""
    number, _, _ = tag.partition("-")
    return int(number) if number.isdigit() else 0


def _told_by(operation: Operation, chains: Chains) -> list[tuple[str, int]]:
    """The versions that are certain once the operation has been answered."""
    if not operation.acknowledged:
        return []
    if operation.writes:
        return chains.places.get(operation.marker, [])[:1]
    if operation.verb is Verb.READ and operation.answer:
        profile, number = operation.answer["customer_id"], number_of(operation.tag)
        if profile in chains and chains[profile].has(number, operation.tag):
            return [(profile, number)]
    return []


def _shows_merge(operation: Operation, chains: Chains) -> bool:
    answered_by_another = (
        operation.verb is Verb.READ
        and operation.acknowledged
        and bool(operation.answer)
        and operation.answer["customer_id"] != operation.profile
    )
    return answered_by_another and operation.profile in chains.merges

"""Whether a run kept every promise: the record of all operations against what is there.

Pure: it asks nobody. See docs/reliability.md for the rules in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

from tests.faults import identity, reads
from tests.faults.chains import Chains
from tests.faults.history import Operation, Outcome, Verb
from tests.faults.timeline import Timeline
from tests.faults.told import Told
from tests.faults.violations import Rule, Violation

EXPECTED = frozenset({200, 201, 204, 404, 409, 412, 503})


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to. Times in seconds.

    ``settled``: writes without an answer at first, which a repeat with the same key has
    settled; ``left``: those of which nobody knows, because they had no key or no answer came.
    ``no_read``, ``no_write``: the longest time without an acknowledged one.
    """

    operations: int
    acknowledged: int
    settled: int
    left: int
    no_read: float
    no_write: float
    violations: Sequence[Violation] = field(repr=False)

    @property
    def lost(self) -> int:
        return sum(each.rule is Rule.LOST for each in self.violations)


def check(operations: Sequence[Operation], told: Told) -> Report:
    """Hold what the clients recorded against what the service told at the end."""
    chains = Chains(operations, told)
    timeline = Timeline(operations, chains)
    violations = [
        *chains.violations,
        *_answers(operations),
        *_writes(operations, chains),
        *_order(chains),
        *reads.check(operations, chains, timeline),
        *reads.check_end(told, chains),
        *identity.check(operations, chains, timeline),
        *identity.check_end(operations, told, chains),
    ]
    written = [each for each in operations if each.writes]
    return Report(
        operations=len(operations),
        acknowledged=sum(each.acknowledged for each in operations),
        settled=sum(each.attempts > 1 and each.outcome is not Outcome.UNKNOWN for each in written),
        left=sum(each.outcome is Outcome.UNKNOWN for each in written),
        no_read=longest_gap([each for each in operations if not each.writes]),
        no_write=longest_gap(written),
        violations=violations,
    )


def longest_gap(operations: Sequence[Operation]) -> float:
    """The longest time, in seconds, in which none of these was acknowledged."""
    if not operations:
        return 0.0
    first, last = min(each.started for each in operations), max(each.ended for each in operations)
    moments = sorted(each.ended for each in operations if each.acknowledged)
    return max(after - before for before, after in pairwise([first, *moments, last]))


def _answers(operations: Sequence[Operation]) -> Iterator[Violation]:
    for each in operations:
        if each.status and each.status not in EXPECTED:
            yield Violation(Rule.ANSWER, each.profile, f"answered {each.status}", (each,))


def _writes(operations: Sequence[Operation], chains: Chains) -> Iterator[Violation]:
    """Each acknowledged one is there once, as the version that was answered; no refused one."""
    for each in operations:
        if not each.writes:
            continue
        places = chains.places.get(each.marker, [])
        if len(places) > 1:
            yield Violation(Rule.TWICE, each.profile, f"is there as {places}", (each,))
        if each.outcome is Outcome.REFUSED and places:
            yield Violation(Rule.REFUSED, each.profile, f"is there as {places[0]}", (each,))
        if each.acknowledged and not places:
            yield Violation(Rule.LOST, each.profile, "is not there", (each,))
        for profile, number in places[:1]:
            yield from _placed(each, profile, number, chains)


def _placed(
    operation: Operation, profile: str, number: int, chains: Chains
) -> Iterator[Violation]:
    tags, verb = chains[profile].tags, operation.verb
    if operation.acknowledged and verb is not Verb.DELETE and operation.tag != tags[number]:
        yield Violation(Rule.CHAIN, profile, f"is stored as {tags[number]}", (operation,))
    if operation.if_match and operation.if_match != tags[number - 1]:
        sentence = f"replaced {tags[number - 1]}"
        yield Violation(Rule.OVERTAKEN, profile, sentence, (operation,))


def _order(chains: Chains) -> Iterator[Violation]:
    """No version is behind one whose write was answered before its own write began."""
    for profile, chain in chains.items():
        earliest, answered = inf, None
        for operation in reversed(chain.operations):
            if operation is None:
                continue
            if earliest < operation.started and answered is not None:
                sentence = "came before a version that was answered earlier"
                yield Violation(Rule.CHAIN, profile, sentence, (operation, answered))
            if operation.acknowledged and operation.ended < earliest:
                earliest, answered = operation.ended, operation

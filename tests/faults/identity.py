"""Rules on identify: it finds each profile by what it holds, and by nothing else."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from tests.faults.chains import Chains, Interval
from tests.faults.history import Operation, Verb
from tests.faults.timeline import Timeline, Window
from tests.faults.told import Found, Told, Value, values_of
from tests.faults.violations import Rule, Violation

Holders = dict[Value, dict[str, list[Interval]]]


def check(
    operations: Sequence[Operation], chains: Chains, timeline: Timeline
) -> Iterator[Violation]:
    """Identify during the run, where it is certain what had to come back."""
    holders = _holders(chains)
    for each in operations:
        if each.verb is Verb.IDENTIFY and each.acknowledged and each.value:
            held = holders.get(each.value, {})
            yield from _stale(each, held, chains, timeline)
            yield from _missing(each, held, timeline)


def check_end(operations: Sequence[Operation], told: Told, chains: Chains) -> Iterator[Violation]:
    """Identify when all was over: exactly who holds a value, for every value ever written."""
    holders: dict[Value, set[str]] = defaultdict(set)
    for profile, chain in chains.items():
        if profile not in chains.merges:
            for value in values_of(chain.contents[-1]):
                holders[value].add(profile)
    for found in told.found:
        yield from _agrees(found, holders)
    written = {value for each in operations if each.writes for value in values_in(each.body)}
    asked = {value for found in told.found for value in found.values}
    for value in sorted((written | holders.keys()) - asked):
        yield Violation(Rule.PROOF, "", f"nobody asked for {value} at the end")


def values_in(body: Any) -> Iterator[Value]:
    """Those that the body of a write puts into a profile."""
    given = dict(body or {})
    phones = given.pop("Phone", None) or []
    yield from values_of(given | {"Phone": phones if isinstance(phones, list) else [phones]})


def _agrees(found: Found, holders: dict[Value, set[str]]) -> Iterator[Violation]:
    expected = [profile for value in found.values for profile in holders.get(value, ())]
    asked = sorted(found.values)[:3]
    if len(set(expected)) < len(expected):
        # One entry could stand in for another one that is missing.
        yield Violation(Rule.PROOF, "", f"values of one profile were asked for at once: {asked}")
    for profile in set(expected) - found.ids:
        yield Violation(Rule.MISSING, profile, f"was not found at the end by one of {asked}")
    for profile in found.ids - set(expected):
        yield Violation(Rule.STALE, profile, f"was found at the end by one of {asked}")


def _holders(chains: Chains) -> Holders:
    holders: Holders = defaultdict(dict)
    for profile, chain in chains.items():
        for value, intervals in chain.held.items():
            holders[value][profile] = intervals
    return holders


def _stale(
    asked: Operation, held: dict[str, list[Interval]], chains: Chains, timeline: Timeline
) -> Iterator[Violation]:
    for profile in asked.answer:
        if profile not in chains:
            yield Violation(Rule.STALE, profile, "was found, and was never there", (asked,))
            continue
        window = timeline.window(profile, asked.started, asked.ended)
        merged = timeline.is_merged(profile, asked.started)
        if merged or not any(_meet(each, window) for each in held.get(profile, [])):
            yield Violation(Rule.STALE, profile, "does not hold what it was found by", (asked,))


def _missing(
    asked: Operation, held: dict[str, list[Interval]], timeline: Timeline
) -> Iterator[Violation]:
    for profile, intervals in held.items():
        if profile in asked.answer or timeline.may_be_merged(profile, asked.ended):
            continue
        window = timeline.window(profile, asked.started, asked.ended)
        if any(first <= window.least and window.most <= last for first, last in intervals):
            sentence = "held it all the while, and was not found"
            yield Violation(Rule.MISSING, profile, sentence, (asked,))


def _meet(interval: Interval, window: Window) -> bool:
    first, last = interval
    return first <= window.most and window.least <= last

"""Rules on what was read: it is one version, whole, and never an older one than before."""

from collections.abc import Iterator, Sequence

from tests.faults.chains import Chains
from tests.faults.history import Operation, Verb
from tests.faults.replay import without_id
from tests.faults.timeline import Timeline, number_of
from tests.faults.told import Content, Told
from tests.faults.violations import Rule, Violation


def check(
    operations: Sequence[Operation], chains: Chains, timeline: Timeline
) -> Iterator[Violation]:
    """The reads during the run."""
    for each in operations:
        if each.verb is not Verb.READ or not each.acknowledged:
            continue
        if each.answer is None:
            if not timeline.may_be_absent(each.profile, each.started, each.ended):
                yield Violation(Rule.BACK, each.profile, "was not found", (each,))
        else:
            yield from _content(each, chains)
            yield from _version(each, chains, timeline)


def check_end(told: Told, chains: Chains) -> Iterator[Violation]:
    """What queries answered when all was over."""
    for profile, each in told.profiles.items():
        survivor = chains.survivor(profile)
        chain = chains[survivor] if survivor else None
        expected = chain.contents[-1] if chain else None
        rule, sentence = Rule.MIXED, f"a query answers {each.current}, not {expected}"
        if (each.current is None) is not (expected is None):
            yield Violation(Rule.LOST if expected else Rule.CHAIN, profile, sentence)
        elif each.current and expected and chain:
            if (each.current["customer_id"], each.answered) != (survivor, chain.tags[-1]):
                sentence = f"a query answers {each.answered}, not {survivor} {chain.tags[-1]}"
                rule = Rule.BACK
            elif without_id(each.current) == expected:
                continue
            yield Violation(rule, profile, sentence)
        for number, content in each.earlier.items():
            if without_id(content) != chains[profile].contents[number]:
                yield Violation(Rule.MIXED, profile, f"version {number} is answered as {content}")


def _content(read: Operation, chains: Chains) -> Iterator[Violation]:
    answer: Content = read.answer
    profile, number = answer["customer_id"], number_of(read.tag)
    chain = chains.get(profile)
    if chain is None or not chain.has(number, read.tag):
        yield Violation(Rule.CHAIN, profile, "a version was read that it never had", (read,))
    elif without_id(answer) != chain.contents[number]:
        sentence = f"was read as {answer}, not {chain.contents[number]}"
        yield Violation(Rule.MIXED, profile, sentence, (read,))


def _version(read: Operation, chains: Chains, timeline: Timeline) -> Iterator[Violation]:
    """Follow the id to the profile that answered, then look at the version of that."""
    at, least, answered = read.profile, 0, read.answer["customer_id"]
    while at != answered:
        if not timeline.may_be_merged(at, read.ended):
            sentence = f"was answered by {answered}, which it was not merged into"
            yield Violation(Rule.CHAIN, read.profile, sentence, (read,))
            return
        merge = chains.merges[at]
        at, least = merge.into, merge.number
    if at not in chains:
        return
    window, number = timeline.window(at, read.started, read.ended), number_of(read.tag)
    if least and None in chains[at].contents[least : number + 1]:
        yield Violation(Rule.BACK, read.profile, f"{at} was deleted after the merge", (read,))
    least = max(least, window.least)
    if timeline.is_merged(at, read.started):
        sentence = "was read as before its merge"
        yield Violation(Rule.BACK, at, sentence, (read, chains.merges[at].operation))
    elif number < least:
        yield Violation(Rule.BACK, at, f"version {least} had been seen or answered", (read,))
    elif number > window.most:
        yield Violation(Rule.BACK, at, "was read before its write began", (read,))

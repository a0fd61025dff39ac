"""What a run can prove wrong."""

from dataclasses import dataclass
from enum import StrEnum

from tests.faults.history import Operation


class Rule(StrEnum):
    """What must hold; each is one promise of the service."""

    LOST = "an acknowledged write is there"
    TWICE = "a write is there once"
    REFUSED = "a refused write is not there"
    CHAIN = "the versions of a profile form one chain"
    OVERTAKEN = "a write with If-Match replaces just the version that it names"
    BACK = "reads never go back"
    MIXED = "a profile holds what its writes say, nothing of two of them"
    MISSING = "identify finds a profile by what it holds"
    STALE = "identify finds no profile by what it does not hold"
    ANSWER = "every answer is one that the operation may give"
    PROOF = "all was looked at"


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that does not hold, with the operations that show it."""

    rule: Rule
    profile: str
    sentence: str
    evidence: tuple[Operation, ...] = ()

    def __str__(self) -> str:
        shown = "".join(f"\n    {each}" for each in self.evidence)
        return f"broken: {self.rule}: {self.profile}: {self.sentence}{shown}"

"""What the contract says that an operation answers, in plain values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal, ParamSpec

P = ParamSpec("P")

Versions = frozenset[int] | Literal["*"] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and what comes with it; None where the contract has nothing to say.

    ``version`` is the number in the entity tag, ``place`` the id that a Location or
    Content-Location leads to, ``pointers`` the places of all faults, ``told`` further members
    of a problem.
    """

    status: int
    body: Any = None
    version: int | None = None
    code: str | None = None
    pointers: frozenset[str] | None = None
    place: str | None = None
    told: dict[str, Any] = field(default_factory=dict)


class Refused(Exception):
    """The operation is not done, and nothing is changed."""

    def __init__(
        self, status: int, code: str, pointers: Iterable[str] | None = None, **told: Any
    ) -> None:
        places = None if pointers is None else frozenset(pointers)
        self.answer = Answer(status, code=code, pointers=places, told=told)
        super().__init__(f"{status} {code}")


def answers(operation: Callable[P, Answer]) -> Callable[P, Answer]:
    """``operation``, whose refusal is an answer too."""

    @wraps(operation)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Answer:
        try:
            return operation(*args, **kwargs)
        except Refused as refusal:
            return refusal.answer

    return answered


@dataclass(frozen=True, slots=True)
class Condition:
    """If-Match and If-None-Match, their entity tags as the version numbers they stand for.

    ``weak``: If-Match has weak tags only, which stand for none.
    """

    match: Versions = None
    none_match: Versions = None
    weak: bool = False

    def check_match(self, version: int | None) -> None:
        """:raises Refused: If-Match asks for another one."""
        if self.match is not None and not _names(self.match, version):
            raise Refused(412, "weak_entity_tag" if self.weak else "precondition_failed")

    def none_matches(self, version: int | None) -> bool:
        return self.none_match is None or not _names(self.none_match, version)

    def check(self, version: int | None) -> None:
        """:raises Refused: ``version`` (None: there is none) is not what is asked for."""
        self.check_match(version)
        if not self.none_matches(version):
            raise Refused(412, "precondition_failed")


PLAIN = Condition()


@dataclass(frozen=True, slots=True)
class Order:
    """What a write asks for beside its content; ``whole``: to be answered all of the profile."""

    condition: Condition = PLAIN
    whole: bool = False


def _names(versions: Versions, version: int | None) -> bool:
    if version is None or versions is None:
        return False
    return versions == "*" or version in versions

"""What an examination of the service or its store finds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How good or bad it is. With a problem the service does not run, or may lose data."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about ``subject``; ``advice`` says what to do, "" where all is well."""

    subject: str
    level: Level
    told: str
    advice: str = ""


def judged(subject: str, told: str, *, good: bool, advice: str, bad: Level) -> Finding:
    """``told`` as `Level.OK` if it is ``good``, else as ``bad`` with ``advice``."""
    return Finding(subject, Level.OK, told) if good else Finding(subject, bad, told, advice)

"""Conditional requests (RFC 9110, section 13), on values instead of headers.

What stands for a version of a profile is a tag. An entity tag of an answer has a mark behind it,
which stands for what the definition and the masks of the caller make of that version. A change
only asks for the version.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from app.dao.values import StoredProfile, Version
from app.services.errors import PreconditionFailed, WeakTags

MAX_VERSION = 2**62
MARK_DIGITS = 8

TAG_PATTERN = r"\d+-[0-9a-f]{32}"
MARK_PATTERN = rf"-[0-9a-f]{{{MARK_DIGITS}}}"

_MARKED = re.compile(rf"({TAG_PATTERN}){MARK_PATTERN}")


def entity_tag(version: Version) -> str:
    """The opaque tag of ``version``: its number and its write id."""
    return f"{version.number}-{version.write_id.hex}"


def unmarked(tag: str) -> str:
    """``tag`` without a mark."""
    found = _MARKED.fullmatch(tag)
    return found[1] if found else tag


def tagged_version(tag: str) -> Version | None:
    """The version that `entity_tag` made ``tag`` of, None for any other text."""
    number, _, write_id = tag.partition("-")
    try:
        version = Version(int(number), UUID(write_id))
    except ValueError:
        return None
    canonical = 0 < version.number <= MAX_VERSION and entity_tag(version) == tag
    return version if canonical else None


@dataclass(frozen=True, slots=True)
class Tags:
    """One header's entity tags, with their marks: ``any`` for ``*``, else those listed."""

    listed: frozenset[str] = frozenset()
    any: bool = False
    weak_only: bool = False
    """None is listed, as all that were sent are weak, where only strong ones count."""

    def match(self, current: str | None) -> bool:
        """Whether the version with the tag ``current`` (None: there is none) is meant."""
        return current is not None and (self.any or current in map(unmarked, self.listed))


@dataclass(frozen=True, slots=True)
class Precondition:
    """What must hold of the stored profile; None where the request does not say."""

    if_match: Tags | None = None
    if_none_match: Tags | None = None

    def has_answer(self, tag: str) -> bool:
        """Whether the client has the answer with the whole entity ``tag``."""
        asked = self.if_none_match
        return asked is not None and (asked.any or tag in asked.listed)

    def check_match(self, current: str | None) -> None:
        """:raises PreconditionFailed: ``If-Match`` does not let the request go on."""
        if self.if_match and not self.if_match.match(current):
            raise WeakTags if self.if_match.weak_only else PreconditionFailed

    def check(self, current: str | None) -> None:
        """:raises PreconditionFailed: one of both does not let it."""
        self.check_match(current)
        if self.if_none_match and self.if_none_match.match(current):
            raise PreconditionFailed

    @property
    def asks_for_none(self) -> bool:
        """Whether it is ``If-None-Match: *``, so that only a new profile may be written."""
        return self.if_none_match is not None and self.if_none_match.any

    @property
    def sole_version(self) -> Version | None:
        """The one version that can fulfil it, where the request names just one."""
        if self.if_match is None or self.if_none_match is not None or self.if_match.any:
            return None
        if len(self.if_match.listed) != 1:
            return None
        return tagged_version(unmarked(next(iter(self.if_match.listed))))


UNCONDITIONAL = Precondition()


def check(precondition: Precondition, stored: StoredProfile | None) -> None:
    """:raises PreconditionFailed: ``stored`` (None: there is none) is not what is asked for."""
    check_version(precondition, stored.version if stored else None)


def check_version(precondition: Precondition, version: Version | None) -> None:
    """:raises PreconditionFailed: ``version`` (None: there is none) is not what is asked for."""
    precondition.check(entity_tag(version) if version else None)

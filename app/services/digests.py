"""What the lines of a backup come to: counts, and digests that two stores can be compared by.

A store comes to what a backup of it would: what is each store's own is not in its lines, and
the order in which it tells its profiles does not matter.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable

from app.dao.values import State
from app.services.backup_lines import (
    Kind,
    Section,
    end_line,
    head_of,
    kind_of,
    read_tenant,
    summary_line,
)
from app.services.errors import BackupRefused

_BYTES = 32


class Account:
    """Takes the lines of a backup as they come; ``end`` is the byte behind them."""

    def __init__(self) -> None:
        self.end = 0
        self._all = hashlib.sha256()
        self._tallies: list[_Tally] = []

    def add(self, line: bytes) -> None:
        """
        :raises BackupRefused: it does not say what it is, or there is no tenant before it.
        """
        kind = kind_of(line)
        if kind is Kind.TENANT:
            self._tallies.append(_Tally(line, self.end))
        elif kind in {Kind.VERSION, Kind.PROFILE}:
            if not self._tallies:
                raise BackupRefused("there is no tenant before it.")
            self._tallies[-1].add(kind, line)
        self._take(line)

    @property
    def sections(self) -> tuple[Section, ...]:
        """What each tenant comes to so far."""
        return tuple(each.section() for each in self._tallies)

    def close(self) -> Iterable[bytes]:
        """The lines that are still missing at the end of the file."""
        summary = summary_line(self.sections)
        self._take(summary)
        end = end_line(self._all.hexdigest())
        self.end += len(end)
        return summary, end

    def _take(self, line: bytes) -> None:
        self._all.update(line)
        self.end += len(line)


class _Tally:
    """One tenant: the sum of the digests of its profiles, so that their order is no matter."""

    def __init__(self, line: bytes, start: int) -> None:
        self._line = line
        self._start = start
        self._sum = 0
        self._states = Counter[State]()
        self._versions = 0
        self._profile = hashlib.sha256()

    def add(self, kind: Kind, line: bytes) -> None:
        self._profile.update(line)
        if kind is Kind.VERSION:
            self._versions += 1
            return
        self._sum += int.from_bytes(self._profile.digest())
        self._states[head_of(line)[0]] += 1
        self._profile = hashlib.sha256()

    def section(self) -> Section:
        tenant, definition = read_tenant(self._line)
        total = (self._sum % 256**_BYTES).to_bytes(_BYTES)
        return Section(
            tenant=tenant,
            start=self._start,
            definition=str(definition.tag),
            profiles=self._states[State.LIVE],
            deleted=self._states[State.DELETED],
            merged=self._states[State.ALIAS],
            versions=self._versions,
            digest=hashlib.sha256(self._line + total).hexdigest(),
        )


def digest_of(sections: Iterable[Section]) -> str:
    """One digest over those of several tenants."""
    return hashlib.sha256("".join(each.digest for each in sections).encode()).hexdigest()

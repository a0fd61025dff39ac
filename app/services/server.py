"""The server as a whole: its mode, and how much it is used, over all workers and hosts."""

import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from app.concurrency import deadline, waiting
from app.dao.base import DocumentDao
from app.dao.errors import OutcomeUnknown, VersionConflict
from app.dao.values import SERVER, DocumentKey
from app.services import moments
from app.services.background import Background
from app.services.errors import Maintenance, StoreBusy
from app.services.writer import pauses
from schemas.document import dump, parse

MODE = DocumentKey(SERVER, "mode")
MAX_AGE = 0.5
USAGE = "usage"
KEEP_FOR = 2 * 86_400
FLUSH_SECONDS = 2.0
QUIET_SECONDS = 10.0
ALIVE_SECONDS = 30.0
_DAY_SECONDS = 86_400


class Mode(StrEnum):
    """Whether profiles are served."""

    PRODUCTION = "production"
    MAINTENANCE = "maintenance"


class ServerMode:
    """The mode, as all workers and hosts share it; at most `MAX_AGE` seconds old."""

    def __init__(self, dao: DocumentDao) -> None:
        self._dao = dao
        self._known: tuple[float, Mode] = (-MAX_AGE, Mode.PRODUCTION)

    def current(self) -> Mode:
        checked_at, mode = self._known
        asked_at = time.monotonic()
        if asked_at - checked_at >= MAX_AGE:
            stored = self._dao.get_document(MODE)
            mode = Mode(stored.content.decode()) if stored else Mode.PRODUCTION
            self._known = (asked_at, mode)
        return mode

    def check(self) -> None:
        """:raises Maintenance: profiles are not served now."""
        if self.current() is Mode.MAINTENANCE:
            raise Maintenance

    def set(self, mode: Mode) -> None:
        """:raises StoreBusy: others changed it each time."""
        for pause in pauses("set_mode"):
            stored = self._dao.get_document(MODE)
            expected = stored.tag if stored else None
            with suppress(VersionConflict):
                self._dao.put_document(MODE, mode.encode(), expected=expected, tag=uuid4())
                self._known = (time.monotonic(), mode)
                return
            waiting.sleep(pause)
        raise StoreBusy


@dataclass(frozen=True, slots=True)
class Counts:
    """What one worker, or all of them, had to do on one UTC day."""

    day: str
    started: str
    last_request: str | None = None
    requests: int = 0
    client_errors: int = 0
    server_errors: int = 0
    seen: str = ""


@dataclass(slots=True)
class Tally:
    """What is counted on one UTC day, ``day`` since 1970; moments in seconds since then."""

    day: int
    last_request: float | None = None
    requests: int = 0
    client_errors: int = 0
    server_errors: int = 0


class Usage:
    """Counts the requests of this worker, and adds up those of all."""

    def __init__(self, dao: DocumentDao) -> None:
        self._dao = dao
        self._worker = uuid4().hex
        self._tag: UUID | None = None
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._started = moments.now()
        self._tally = Tally(_day(time.time()))
        self._flushed: Counts | None = None
        self._background = Background(self._flush_in_time, FLUSH_SECONDS)
        self.start = self._background.start

    def stop(self) -> None:
        """Keep what was counted."""
        self._background.stop()
        self.flush()

    def count(self, status: int) -> None:
        """A request was answered with ``status``."""
        now = time.time()
        with self._lock:
            tally = self._tally_of(now)
            tally.last_request = now
            tally.requests += 1
            tally.client_errors += 400 <= status < 500
            tally.server_errors += status >= 500

    def flush(self) -> None:
        """Store the counts, for the others to see."""
        with self._flushing:
            counts = self._counts(seen=moments.now())
            tag, key = uuid4(), DocumentKey(SERVER, USAGE, self._worker)
            content = dump(asdict(counts))
            try:
                self._dao.put_document(
                    key, content, expected=self._tag, tag=tag, keep_for=KEEP_FOR
                )
            except (VersionConflict, OutcomeUnknown):
                stored = self._dao.get_document(key)
                self._tag = stored.tag if stored else None
            else:
                self._tag, self._flushed = tag, counts

    def total(self) -> Counts:
        """Today's counts of all workers; ``started``: of the oldest one that runs."""
        deadline.without_blocking(self.flush)  # it may have to wait for another flush
        found = [Counts(**parse(each.content)) for each in self._dao.list_documents(SERVER, USAGE)]
        alive = _ago(ALIVE_SECONDS)
        today = [each for each in found if each.day == _today()]
        requested = [each.last_request for each in found if each.last_request]
        return Counts(
            day=_today(),
            started=min(
                (each.started for each in found if each.seen > alive), default=self._started
            ),
            last_request=max(requested, default=None),
            requests=sum(each.requests for each in today),
            client_errors=sum(each.client_errors for each in today),
            server_errors=sum(each.server_errors for each in today),
        )

    def _flush_in_time(self) -> None:
        flushed = self._flushed
        changed = flushed is None or self._counts(seen=flushed.seen) != flushed
        if changed or (flushed and flushed.seen < _ago(QUIET_SECONDS)):
            self.flush()

    def _tally_of(self, now: float) -> Tally:
        if self._tally.day != _day(now):
            self._tally = Tally(_day(now), self._tally.last_request)
        return self._tally

    def _counts(self, *, seen: str) -> Counts:
        with self._lock:
            tally = replace(self._tally)
        last = tally.last_request
        return Counts(
            day=datetime.fromtimestamp(tally.day * _DAY_SECONDS, UTC).date().isoformat(),
            started=self._started,
            last_request=moments.text(datetime.fromtimestamp(last, UTC)) if last else None,
            requests=tally.requests,
            client_errors=tally.client_errors,
            server_errors=tally.server_errors,
            seen=seen,
        )


def _day(now: float) -> int:
    return int(now // _DAY_SECONDS)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _ago(seconds: float) -> str:
    return moments.text(datetime.now(UTC) - timedelta(seconds=seconds))

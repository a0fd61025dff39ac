"""All metrics, for all workers together. docs/watching.md tells what they mean.

Labels have few values: a route is a URL rule, never a path, and no tenant is told.
"""

import os
import platform
from collections.abc import Callable, Iterable
from functools import cache, wraps
from itertools import product
from pathlib import Path
from typing import ParamSpec, TypeVar

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

P = ParamSpec("P")
T = TypeVar("T")

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_OWN = CollectorRegistry()
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Histogram(
    "profiles_http_request_duration_seconds",
    "Requests, by how long the service took to answer.",
    ("route", "method", "status"),
    buckets=BUCKETS,
    registry=_OWN,
)
PROBLEMS = Counter(
    "profiles_problems_total",
    "Answers that were a problem, by its code.",
    ("code",),
    registry=_OWN,
)
STORE_CALLS = Histogram(
    "profiles_store_call_duration_seconds",
    "Calls of the store, by how long they took and how they ended.",
    ("operation", "outcome"),
    buckets=BUCKETS,
    registry=_OWN,
)
RETRIES = Counter(
    "profiles_retries_total",
    "Times that a change was worked out again, as another writer was faster.",
    ("operation",),
    registry=_OWN,
)
UNANSWERED = Counter(
    "profiles_unanswered_writes_total",
    "Conditional writes without an answer, by what was found out about them.",
    ("write", "found"),
    registry=_OWN,
)
REVISION = Gauge(
    "profiles_definition_revision",
    "The newest revision of tenant 1's definition that a worker has in use.",
    multiprocess_mode="livemax",
    registry=_OWN,
)
COMPILED = Counter(
    "profiles_definitions_compiled_total",
    "Revisions of any tenant's definition that a worker took into use.",
    registry=_OWN,
)
CONNECTIONS = Gauge(
    "profiles_store_connections",
    "Open connections to the store.",
    ("peer",),
    multiprocess_mode="livesum",
    registry=_OWN,
)
IN_FLIGHT = Gauge(
    "profiles_store_requests_in_flight",
    "Requests sent to the store and not answered yet.",
    ("peer",),
    multiprocess_mode="livesum",
    registry=_OWN,
)
READY = Gauge(
    "profiles_ready",
    "1 where every worker finds the store usable and prepared, else 0.",
    multiprocess_mode="livemin",
    registry=_OWN,
)
PENDING = Gauge(
    "profiles_pending_migrations",
    "Migrations of this release that the store lacks.",
    multiprocess_mode="livemax",
    registry=_OWN,
)
ACCESS_FILE_REFUSED = Gauge(
    "profiles_access_file_refused",
    "1 where a worker refuses the access file as it is now, else 0.",
    multiprocess_mode="livemax",
    registry=_OWN,
)
JOBS = Counter(
    "profiles_jobs_finished_total",
    "Background jobs that ended.",
    ("kind", "state"),
    registry=_OWN,
)
BUILD = Gauge(
    "profiles_build_info",
    "1, with what is running.",
    ("version", "python"),
    multiprocess_mode="livemax",
    registry=_OWN,
)


@cache
def answered(route: str, method: str, status: int) -> Histogram:
    """The series of `REQUESTS`; there are few, and they are looked up for each request."""
    return REQUESTS.labels(route, method, str(status))


@cache
def store_called(operation: str, outcome: str) -> Histogram:
    """The series of `STORE_CALLS`, likewise."""
    return STORE_CALLS.labels(operation, outcome)


APPLIED, REFUSED, OPEN = "applied", "refused", "open"


def begin_at_zero(metric: Counter, *values: Iterable[str]) -> None:
    """A series that begins at 1 has no increase that an alert could watch."""
    for labels in product(*values):
        metric.labels(*labels)


begin_at_zero(UNANSWERED, ("profile", "document"), (APPLIED, REFUSED, OPEN))


class _AllWorkers(Collector):
    """What the workers have written into files.

    Unlike the library's own collector it passes over empty ones: of a worker that just starts.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        files = [str(file) for file in self._folder.glob("*.db") if _is_filled(file)]
        found: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
        return found


def _is_filled(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:  # its worker has just ended
        return False


def registry() -> CollectorRegistry:
    """What all workers of this host have counted."""
    if _FOLDER not in os.environ:
        return _OWN
    every = CollectorRegistry()
    every.register(_AllWorkers(Path(os.environ[_FOLDER])))
    return every


def forget_worker(pid: int) -> None:
    """Forget what a worker had open; what it has counted stays."""
    mark_process_dead(pid)  # type: ignore[no-untyped-call]


def forget_dead_workers() -> None:
    """Those that had no time to be forgotten themselves."""
    folder = Path(os.environ.get(_FOLDER) or os.devnull)
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not psutil.pid_exists(pid):
            forget_worker(pid)


def exposition(accept: str) -> tuple[bytes, str]:
    """All of it as text, and its media type: the one of OpenMetrics where ``accept`` asks so."""
    encode, media_type = choose_encoder(accept)
    return encode(registry()), media_type


def tell_build(version: str) -> None:
    BUILD.labels(version, platform.python_version()).set(1)


def finding_out(write: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Count what a function finds out about a ``write`` without an answer.

    False: it was refused. Any other answer: it was applied. An exception: it is left open.
    """

    def counting(find_out: Callable[P, T]) -> Callable[P, T]:
        @wraps(find_out)
        def counted(*args: P.args, **kwargs: P.kwargs) -> T:
            found = OPEN
            try:
                answer = find_out(*args, **kwargs)
                found = REFUSED if answer is False else APPLIED
            finally:
                UNANSWERED.labels(write, found).inc()
            return answer

        return counted

    return counting

"""One line for people, about all requests of the last seconds."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.watching import metrics

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Totals:
    """Since the start: answers by the first digit of their status, answers by the number of
    seconds that they took less than (the bounds of the histogram), and conflicts."""

    answers: Counter[str]
    within: Counter[float]
    conflicts: int

    def since(self, before: "Totals") -> "Totals":
        return Totals(
            self.answers - before.answers,
            self.within - before.within,
            self.conflicts - before.conflicts,
        )

    @property
    def requests(self) -> int:
        return self.answers.total()

    def bound(self, share: float) -> str:
        """What at least this share of the answers took less than."""
        needed = share * self.requests
        seconds = min(each for each, count in self.within.items() if count >= needed)
        if seconds == float("inf"):
            return f"over {max(metrics.BUCKETS):g} s"
        return f"within {seconds * 1000:g} ms"


class Summary:
    """Tells what has happened since the last time, if anything did."""

    def __init__(self, elected: Callable[[], bool], tell: Callable[[str], None]) -> None:
        """``elected``: whether this worker is the one that tells for all."""
        self._elected = elected
        self._tell = tell
        self._told: Totals | None = None

    def __call__(self) -> None:
        if not self._elected():
            return
        now, before = totals(), self._told or Totals(Counter(), Counter(), 0)
        self._told = now
        recent = now.since(before)
        if recent.requests:
            self._tell(sentence(recent))


def sentence(recent: Totals) -> str:
    refused, failed = recent.answers["4"], recent.answers["5"]
    return (
        f"{datetime.now().astimezone():%H:%M:%S}  {recent.requests} requests,"
        f" {refused} refused, {failed} failed, half {recent.bound(0.5)}, all {recent.bound(1)},"
        f" {recent.conflicts} conflicts"
    )


def totals() -> Totals:
    """Of all workers."""
    answers, within, conflicts = Counter[str](), Counter[float](), 0
    for family in metrics.registry().collect():
        for sample in family.samples:
            labels, value = sample.labels, int(sample.value)
            if sample.name == "profiles_http_request_duration_seconds_bucket":
                within[float(labels["le"])] += value
            elif sample.name == "profiles_http_request_duration_seconds_count":
                answers[labels["status"][0]] += value
            elif sample.name == "profiles_store_call_duration_seconds_count":
                conflicts += value * (labels["outcome"] == "conflict")
    return Totals(answers, within, conflicts)

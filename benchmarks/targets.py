"""The targets, as ratios within one run on two cores, and which figure each is about."""

from dataclasses import dataclass

from benchmarks.recording import IF_MATCH, QUERY, UPDATE

DRIVER, FLASK, KINTO = "driver", "flask", "kinto"


@dataclass(frozen=True, slots=True)
class Target:
    """At least ``ratio`` of the rate of ``against``, of each server by its name."""

    store: str
    unit: str
    against: str
    ratio: dict[str, float]


TARGETS = (
    Target("cassandra", QUERY, DRIVER, {"gunicorn": 0.45, "granian": 0.65}),
    Target("cassandra", UPDATE, DRIVER, {"gunicorn": 0.60, "granian": 0.75}),
    Target("cassandra", IF_MATCH, DRIVER, {"gunicorn": 0.60, "granian": 0.75}),
    Target("embedded", QUERY, FLASK, {"gunicorn": 0.75, "granian": 0.75}),
    *(
        Target(store, unit, KINTO, {"gunicorn": 5, "granian": 8})
        for store in ("embedded", "cassandra")
        for unit in (QUERY, UPDATE)
    ),
)
LOAD_RATIO = 0.6
TAIL_RATIO = 4
OVERWRITTEN_RATIO = 1.3
LOAD_PEAK_BYTES = 300_000_000

"""What the service does with three times the requests that it can answer.

The capacity is what a few clients get, each sending when it has its answer. Then three times as
many requests a second are sent, whatever is answered. The two phases take turns, as other load on
the machine changes; the client has a process of its own and needs most of a processor, so the
service has one worker.

    python -m tests.faults.overload [--store cassandra://HOST:PORT/KEYSPACE]
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import click

from app import stores
from app.settings import CassandraStore, EmbeddedStore, store_address
from tests.faults.offering import PROFILES, Answered, as_answered, at_rate
from tests.support.server import Service, serving

TIMES = 3
ROUNDS = 7
SECONDS = 2.0
CLIENTS = 8
SETTINGS = {
    "PROFILES_WORKERS": "1",
    "PROFILES_ACCESS_LOG": "off",
}


@dataclass(frozen=True, slots=True)
class Overload:
    """Medians of all rounds. Rates in requests a second, times in seconds."""

    capacity: float
    p99_at_capacity: float
    share_refused_at_capacity: float
    offered: float
    accepted: float
    p99_when_overloaded: float
    p99_of_refusals: float
    share_refused: float
    share_failed: float
    recovered_after: float

    @property
    def ratio(self) -> float:
        """How much longer what is accepted takes."""
        return self.p99_when_overloaded / self.p99_at_capacity


def overload(address: EmbeddedStore | CassandraStore, folder: Path) -> Overload:
    """Measured on a service of its own on the prepared store at ``address``."""
    with serving(address, folder, **SETTINGS) as service:
        _fill(service)
        as_answered(service.bind, CLIENTS, 1.0)
        rounds = [_round(service) for _ in range(ROUNDS)]
    return Overload(*(median(values) for values in zip(*rounds, strict=True)))


def _fill(service: Service) -> None:
    for number in range(PROFILES):
        answer = service.send("PUT", f"/profiles/load{number}", {}, If_None_Match="*")
        assert answer.status in {201, 412}, answer


def _round(service: Service) -> tuple[float, ...]:
    calm = as_answered(service.bind, CLIENTS, SECONDS)
    answered = [each for each in calm.answers if each.status == 200]
    capacity = len(answered) / calm.seconds
    rate = TIMES * capacity
    much = at_rate(service.bind, rate, SECONDS)
    accepted = [each for each in much.answers if each.status == 200]
    refused = [each for each in much.answers if each.status == 503]
    failed = len(much.answers) - len(accepted) - len(refused)
    sent = len(much.answers)
    return (
        capacity,
        _p99(answered),
        1 - len(answered) / len(calm.answers),
        sent / much.seconds,
        len(accepted) / much.seconds,
        _p99(accepted),
        _p99(refused),
        len(refused) / sent,
        failed / sent,
        much.recovered_after,
    )


def _p99(answers: list[Answered]) -> float:
    return quantiles([each.seconds for each in answers], n=100)[98] if len(answers) > 1 else 0.0


def text(found: Overload) -> str:
    """What was measured, in four lines."""
    return (
        f"capacity {found.capacity:.0f}/s, p99 {found.p99_at_capacity * 1000:.1f} ms,"
        f" refused {found.share_refused_at_capacity:.2%}\n"
        f"offered {found.offered:.0f}/s, accepted {found.accepted:.0f}/s,"
        f" p99 {found.p99_when_overloaded * 1000:.1f} ms ({found.ratio:.2f} times)\n"
        f"refused {found.share_refused:.0%}, p99 {found.p99_of_refusals * 1000:.1f} ms;"
        f" failed {found.share_failed:.2%}\n"
        f"answered everything {found.recovered_after:.2f} s after the end"
    )


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", help="of the service, a prepared one; else an embedded one")
    given = parser.parse_args().store
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        address = store_address(given or f"sqlite:///{folder}/profiles.db")
        stores.migrate(address)
        found = overload(address, folder)
    click.echo(text(found))


if __name__ == "__main__":
    main()

"""Sixty thousand connections with requests whose framing is drawn: each is read in one way.

python -m tests.faults.framing [--connections 60000] [--seed 1] [--bind HOST:PORT]
"""

import argparse
import sys
import tempfile
from itertools import islice
from pathlib import Path

import click

from tests.faults.scenarios import embedded
from tests.fuzz.framing.trial import Disagreement, disagreements
from tests.support.server import serving

CONNECTIONS = 60_000
SHOWN = 10
SETTINGS = {"PROFILES_WORKERS": "2", "PROFILES_ACCESS_LOG": "off"}


def framing(folder: Path, connections: int = CONNECTIONS, seed: int = 1) -> list[Disagreement]:
    """The first of those on which a service of its own and the reference differ."""
    with serving(embedded.prepared(folder), folder, **SETTINGS) as service:
        return _found(service.bind, connections, seed)


def _found(bind: str, connections: int, seed: int) -> list[Disagreement]:
    seeds = (f"{seed}:{number}" for number in range(connections))
    return list(islice(disagreements(bind, seeds), SHOWN))


def text(connections: int, found: list[Disagreement]) -> str:
    """What was found, in a line, and a paragraph for each."""
    lines = [f"{connections} connections with drawn requests, {len(found)} read wrongly"]
    return "\n  ".join([*lines, *map(str, found)])


def main() -> int:
    """Print what was found; fail where that is anything."""
    parser = argparse.ArgumentParser(prog="tests.faults.framing", description=__doc__)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bind", help="of a service that runs; else one is started")
    options = parser.parse_args()
    if options.bind:
        found = _found(options.bind, options.connections, options.seed)
    else:
        with tempfile.TemporaryDirectory() as folder:
            found = framing(Path(folder), options.connections, options.seed)
    click.echo(text(options.connections, found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())

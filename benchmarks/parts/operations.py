"""Each operation in a closed loop, in turn with its floors and with the peer."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks import audit, kinto, sample, wrk
from benchmarks.bench import Bench, Contenders, Sample
from benchmarks.parts import contest
from benchmarks.parts.contest import OF_BARE, OF_PEER, PROFILES, Contest
from benchmarks.processes import Server
from benchmarks.recording import (
    CREATE,
    DELETE,
    EXTENSIONS,
    IDENTIFY,
    IDENTIFY_QUERY,
    IF_MATCH,
    MERGE,
    QUERY,
    UPDATE,
)
from benchmarks.stores import Stores
from benchmarks.wrk import CONNECTIONS, Exhausted, Load

MIXED = "mixed"
UNITS = (QUERY, EXTENSIONS, IDENTIFY, UPDATE, IF_MATCH, CREATE, DELETE, MERGE, MIXED)
SECONDS = 3
_ALL = range(PROFILES)
_READS = {
    QUERY: ("get", {}),
    EXTENSIONS: ("get", {"query": "?extensions=*"}),
    IDENTIFY: ("identify", {"identify": IDENTIFY_QUERY}),
}
# New profiles get numbers of their own; no run makes as many as lie between two.
_RANGES = count(10_000_000, 1_000_000)
_AHEAD = (2, 6, 18)
# As many as one worker takes, wherever they fall, so that none of those made ahead is refused.
_FEW = 8
_IN_FLIGHT = 2 * CONNECTIONS


def measure(bench: Bench, stores: Stores, store: str) -> None:
    """All operations that were asked for, on one store."""
    if not bench.wanted(store, UNITS):
        return
    with contest.opened(bench, stores) as found:
        bench.measure(store, UNITS, partial(_unit, bench, found))


def _unit(bench: Bench, found: Contest, unit: str) -> dict[str, Any]:
    seconds = SECONDS if unit not in {DELETE, MERGE} else SECONDS - 1
    samples = bench.in_turn(_contenders(found, unit), seconds)
    missing = {"kinto": found.missing} if unit in OF_PEER and found.missing else {}
    return {"samples": samples, "missing": missing}


def _contenders(found: Contest, unit: str) -> Contenders:
    """By the names that the report has: service, driver, flask, prototype, kinto."""
    contenders: dict[str, Callable[[float], Sample]] = {
        f"service {name}": partial(_of_service, server, unit, found.folder)
        for name, server in found.services.items()
    }
    if unit != MIXED:
        contenders["driver"] = partial(found.driver.run, unit)
    if unit in OF_BARE:
        for name, server in found.bare.items():
            contenders[f"flask {name}"] = partial(_reads, server, unit)
    if unit == QUERY:
        for name, server in found.prototypes.items():
            contenders[f"prototype {name}"] = partial(_reads, server, unit)
    if unit in OF_PEER and found.peer:
        contenders["kinto"] = partial(_of_peer, found.peer, unit, found.folder)
    return contenders


def _of_service(server: Server, unit: str, folder: Path, seconds: float) -> Sample:
    if unit in _READS:
        return _reads(server, unit, seconds)
    if unit == CREATE:
        return _create(server, folder, seconds)
    if unit in {DELETE, MERGE}:
        return _take_away(server, unit, folder, seconds)
    return _overwrites(server, unit, folder, seconds)


def _reads(server: Server, unit: str, seconds: float) -> Sample:
    kind, options = _READS[unit]
    return wrk.run(server, Load(kind, seconds, {"count": PROFILES, **options}))


def _overwrites(server: Server, unit: str, folder: Path, seconds: float) -> Sample:
    """Writes of the profiles there are: the versions tell how many were stored."""
    before = audit.stored(server.url, _ALL)
    kind = {UPDATE: "put", IF_MATCH: "put_if_match", MIXED: "mixed"}[unit]
    options: dict[str, object] = {"count": PROFILES, "body": _body(folder), "seed": 7}
    if unit == IF_MATCH:
        options["etags"] = folder / "etags"
        (folder / "etags").write_text("".join(f"{each.number} {each.tag}\n" for each in before))
    if unit == MIXED:
        options["identify"] = IDENTIFY_QUERY
    measured = wrk.run(server, Load(kind, seconds, options))
    stored = audit.versions(server.url, _ALL) - sum(each.version for each in before)
    return measured | held(measured["acknowledged"], stored)


def _create(server: Server, folder: Path, seconds: float) -> Sample:
    """Their numbers tell how many were stored."""
    first, made = _made(server, folder, seconds, CONNECTIONS)
    there = audit.stored(server.url, range(first, first + made["requests"] + _IN_FLIGHT))
    return made | held(made["acknowledged"], sum(each.tag is not None for each in there))


def _take_away(server: Server, unit: str, folder: Path, seconds: float) -> Sample:
    """Delete or merge profiles that are made for it, more of them where they did not last."""
    for ahead in _AHEAD:
        first, made = _made(server, folder, seconds * ahead, _FEW)
        certain = made["acknowledged"] - _IN_FLIGHT
        total = certain if unit == DELETE else certain // 2
        with suppress(Exhausted):
            done = wrk.run(server, Load(unit, seconds, {"first": first, "count": total}))
            there = audit.stored(server.url, range(first, first + certain))
            gone = sum(each.tag is None if unit == DELETE else each.moved for each in there)
            return done | held(done["acknowledged"], gone)
    raise Exhausted(f"{unit}: there were too few profiles, whatever was made ahead")


def _made(server: Server, folder: Path, seconds: float, connections: int) -> tuple[int, Sample]:
    """New profiles, and the number of the first."""
    first, whole = next(_RANGES), folder / "whole"
    whole.write_text(sample.dumped(sample.whole()))
    options: dict[str, object] = {"first": first, "count": 1_000_000, "body": whole}
    return first, wrk.run(server, Load("post", seconds, options, connections))


def held(acknowledged: int, stored: int) -> dict[str, int]:
    """How many acknowledged writes are not stored, and how many are that nobody sent; those
    on their way when the load ended may be either."""
    return {
        "stored": stored,
        "lost": max(0, acknowledged - stored),
        "invented": max(0, stored - acknowledged - CONNECTIONS),
    }


def _of_peer(server: Server, unit: str, folder: Path, seconds: float) -> Sample:
    body = folder / "record"
    body.write_text('{"data":' + sample.body() + "}")
    options = {
        "count": PROFILES,
        "path": kinto.PATH,
        "authorization": kinto.AUTHORIZATION,
        "body": body,
    }
    return wrk.run(server, Load("get" if unit == QUERY else "put", seconds, options))


def _body(folder: Path) -> Path:
    path = folder / "body"
    path.write_text(sample.body())
    return path

"""The operations in a closed loop, and after writes an audit of what is stored."""

from contextlib import suppress
from itertools import count
from pathlib import Path
from statistics import mean

from benchmarks.load import audit, sample, wrk
from benchmarks.load.sample import IDENTIFY_QUERY
from benchmarks.load.wrk import CONNECTIONS, Exhausted, Load
from benchmarks.processes import Server
from benchmarks.rounds import Sample

QUERY, EXTENSIONS, IDENTIFY = "query", "extensions", "identify"
UPDATE, IF_MATCH = "update", "if-match"
CREATE, DELETE, MERGE = "create", "delete", "merge"
MIXED = "mixed"
_KINDS = {
    QUERY: "get",
    EXTENSIONS: "get",
    IDENTIFY: "identify",
    UPDATE: "put",
    IF_MATCH: "put_if_match",
    CREATE: "post",
    DELETE: "delete",
    MERGE: "merge",
    MIXED: "mixed",
}
OPERATIONS = tuple(_KINDS)
READS = frozenset({QUERY, EXTENSIONS, IDENTIFY})
PROFILES = 1000
"""Those in the store that operations are about, but for create, delete and merge."""

_ALL = range(PROFILES)
# New profiles get numbers of their own; no run makes as many as lie between two.
_RANGES = count(10_000_000, 1_000_000)
_AHEAD = (2, 6, 18)
# So few that none of those made ahead is refused, which would leave a gap between them.
_FEW = 8
_IN_FLIGHT = 2 * CONNECTIONS


def measure(server: Server, operation: str, folder: Path, seconds: float) -> Sample:
    """Requests of ``operation``, each sent when the one before was answered.

    ``errors`` are requests that were not answered well, and writes that were lost or made up;
    ``resident`` are bytes of a worker afterwards.
    """
    if operation in READS:
        measured = sent(server, operation, folder, seconds)
    elif operation == CREATE:
        measured = _create(server, folder, seconds)
    elif operation in {DELETE, MERGE}:
        measured = _take_away(server, operation, folder, seconds)
    else:
        measured = _overwrite(server, operation, folder, seconds)
    wrong = ("non_2xx", "broken", "lost", "invented")
    errors = sum(measured.get(name, 0) for name in wrong)
    return measured | {"errors": errors, "resident": mean(server.tree.resident())}


def sent(server: Server, operation: str, folder: Path, seconds: float) -> Sample:
    """The same about the profiles there are, without an audit."""
    options: dict[str, object] = {
        "count": PROFILES,
        "body": _file(folder / "body", sample.body()),
        "identify": IDENTIFY_QUERY,
    }
    if operation == EXTENSIONS:
        options["query"] = "?extensions=*"
    if operation == IF_MATCH:
        options["etags"] = folder / "etags"
    return wrk.run(server, Load(_KINDS[operation], seconds, options))


def held(acknowledged: int, stored: int) -> dict[str, int]:
    """How many acknowledged writes are not stored, and how many are that nobody sent; those
    on their way when the load ended may be either."""
    return {
        "lost": max(0, acknowledged - stored),
        "invented": max(0, stored - acknowledged - CONNECTIONS),
    }


def _overwrite(server: Server, operation: str, folder: Path, seconds: float) -> Sample:
    """Writes of the profiles there are: the versions tell how many were stored."""
    before = audit.stored(server.url, _ALL)
    _file(folder / "etags", "".join(f"{each.number} {each.tag}\n" for each in before))
    measured = sent(server, operation, folder, seconds)
    stored = audit.versions(server.url, _ALL) - sum(each.version for each in before)
    return measured | held(measured["acknowledged"], stored)


def _create(server: Server, folder: Path, seconds: float) -> Sample:
    """Their numbers tell how many were stored."""
    first, made = _made(server, folder, seconds, CONNECTIONS)
    there = audit.stored(server.url, range(first, first + made["requests"] + _IN_FLIGHT))
    return made | held(made["acknowledged"], sum(each.tag is not None for each in there))


def _take_away(server: Server, operation: str, folder: Path, seconds: float) -> Sample:
    """Delete or merge profiles that are made for it, more of them where they did not last."""
    for ahead in _AHEAD:
        first, made = _made(server, folder, seconds * ahead, _FEW)
        certain = made["acknowledged"] - _IN_FLIGHT
        total = certain if operation == DELETE else certain // 2
        load = Load(_KINDS[operation], seconds, {"first": first, "count": total}, threads=1)
        with suppress(Exhausted):
            done = wrk.run(server, load)
            # wrk asks for one request in vain before it begins, and so passes over the first.
            there = audit.stored(server.url, range(first + 1, first + certain))
            gone = sum(each.tag is None if operation == DELETE else each.moved for each in there)
            return done | held(done["acknowledged"], gone)
    raise Exhausted(f"{operation}: there were too few profiles, whatever was made ahead")


def _made(server: Server, folder: Path, seconds: float, connections: int) -> tuple[int, Sample]:
    """New profiles, and the number of the first: one thread, so that there is no gap."""
    first, body = next(_RANGES), _file(folder / "whole", sample.dumped(sample.whole()))
    options: dict[str, object] = {"first": first, "count": 1_000_000, "body": body}
    load = Load(_KINDS[CREATE], seconds, options, connections, threads=1)
    return first, wrk.run(server, load)


def _file(path: Path, text: str) -> Path:
    path.write_text(text)
    return path

"""What the stores are asked for each operation: recorded from the service itself.

The service answers requests in this process, on a real store, while its driver is listened
to. So a floor always sends what this release sends, neither more nor less.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from app.factory import create_app
from app.settings import AccessLog, Settings, StoreAddress, read_settings
from app.stores import open_dao
from benchmarks import sample
from benchmarks.listening import Step, listening
from benchmarks.sample import TOKEN, customer_id, digits

TENANT = 7001
"""That of the floors; no other number in a statement is like it."""

QUERY, EXTENSIONS, IDENTIFY = "query", "extensions", "identify"
UPDATE, IF_MATCH = "update", "if-match"
CREATE, DELETE, MERGE = "create", "delete", "merge"
FIRST_RECORDED = 900_000_000
IDENTIFY_QUERY = f"?EmailAddress=bruce.banner.{TOKEN}@marvelous.com&include_profile=yes"
_TRIALS = 3


@dataclass(frozen=True, slots=True)
class Script:
    """One operation: the steps that make what it is about, and its own.

    ``tokens`` are the digits of the profiles that it is about. ``tags`` are the write ids of
    the version that it replaces and of the new one, where it can be done again and again.
    """

    setup: tuple[Step, ...]
    steps: tuple[Step, ...]
    tokens: tuple[str, ...]
    tags: tuple[UUID, ...] = ()


def record(address: StoreAddress) -> dict[str, Script]:
    """The script of each operation on the prepared store at ``address``."""
    with listening(address) as log:
        dao = open_dao(address)
        client = create_app(_quiet(), dao).test_client()
        client.environ_base["HTTP_X_GENESYS_TENANTID"] = str(TENANT)
        recorders = [_Recorder(client, log, 10 * trial) for trial in range(_TRIALS + 1)]
        trials = [dict(each.all()) for each in recorders][1:]
        dao.close()
    # What is asked now and then, whatever the request, is not in the shortest.
    return {name: _shortest(trial[name] for trial in trials) for name in trials[0]}


def _quiet() -> Settings:
    """The settings of this process, without a log of each request."""
    return replace(read_settings(), access_log=AccessLog.OFF)


def _shortest(scripts: Iterable[Script]) -> Script:
    return min(scripts, key=lambda script: len(script.setup) + len(script.steps))


class _Recorder:
    """Sends each operation once, about profiles of numbers from ``first`` on."""

    def __init__(self, client: FlaskClient, log: list[Step], first: int) -> None:
        self._client = client
        self._log = log
        self._next = FIRST_RECORDED + first

    def all(self) -> Iterator[tuple[str, Script]]:
        token, setup, tag = self._created()
        path = f"/profiles/{customer_id(token)}"
        yield CREATE, Script((), setup, (token,))
        yield QUERY, Script(setup, self._sent("GET", path), (token,))
        yield EXTENSIONS, Script(setup, self._sent("GET", path + "?extensions=*"), (token,))
        asked = "/profiles" + IDENTIFY_QUERY.replace(TOKEN, token)
        yield IDENTIFY, Script(setup, self._sent("GET", asked), (token,))
        body = sample.body().replace(TOKEN, token)
        yield UPDATE, Script(setup, self._sent("PUT", path, body), (token,), (tag, self._tag))
        yield IF_MATCH, self._if_match()
        token, setup, _ = self._created()
        deleted = self._sent("DELETE", f"/profiles/{customer_id(token)}")
        yield DELETE, Script(setup, deleted, (token,))
        yield MERGE, self._merge()

    def _if_match(self) -> Script:
        token, setup, tag = self._created()
        body, condition = sample.body().replace(TOKEN, token), f'"1-{tag.hex}"'
        steps = self._sent("PUT", f"/profiles/{customer_id(token)}", body, if_match=condition)
        return Script(setup, steps, (token,), (tag, self._tag))

    def _merge(self) -> Script:
        into, first, _ = self._created()
        source, second, _ = self._created()
        path = f"/profiles/{customer_id(into)}/merge/{customer_id(source)}"
        return Script((*first, *second), self._sent("PUT", path), (into, source))

    def _created(self) -> tuple[str, tuple[Step, ...], UUID]:
        """A new profile: its digits, how it was made, and its write id."""
        token = digits(self._next)
        self._next += 1
        body = sample.dumped(sample.whole()).replace(TOKEN, token)
        return token, self._sent("POST", "/profiles", body), self._tag

    def _sent(
        self, method: str, path: str, body: str | None = None, if_match: str = ""
    ) -> tuple[Step, ...]:
        """What the driver was asked for one request, which has to succeed."""
        headers: dict[str, Any] = {"Content-Type": "application/json"} if body else {}
        if if_match:
            headers["If-Match"] = if_match
        self._log.clear()
        answer = self._client.open(path, method=method, data=body, headers=headers)
        if answer.status_code >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        if tag := answer.headers.get("ETag"):
            self._tag = UUID(tag.strip('"').partition("-")[2])
        return tuple(self._log)

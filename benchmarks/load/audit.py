"""What is stored after a run, asked of the service itself: each profile once."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urlsplit

from benchmarks.load.sample import customer_id, digits

_CONNECTIONS = 4
# A store that was just under load may still be busy.
_PAUSES = (0.1, 1.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Stored:
    """One profile: its entity tag, None if it is gone, and whether another answers for it."""

    number: int
    tag: str | None
    moved: bool

    @property
    def version(self) -> int:
        """The number in the tag, 0 of one that is gone."""
        return int(self.tag.strip('"').partition("-")[0]) if self.tag else 0


def stored(url: str, numbers: range) -> list[Stored]:
    """The profiles of ``numbers``, over a few connections.

    :raises RuntimeError: an answer is neither 200 nor 404.
    """
    parts = [numbers[first::_CONNECTIONS] for first in range(_CONNECTIONS)]
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        return list(chain.from_iterable(pool.map(lambda part: _asked(url, part), parts)))


def versions(url: str, numbers: range) -> int:
    """The sum of their version numbers: how often they were written."""
    return sum(each.version for each in stored(url, numbers))


def _asked(url: str, numbers: range) -> list[Stored]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        return [_one(connection, number) for number in numbers]
    finally:
        connection.close()


def _one(connection: http.client.HTTPConnection, number: int) -> Stored:
    for pause in _PAUSES:
        connection.request("GET", f"/profiles/{customer_id(digits(number))}")
        answer = connection.getresponse()
        answer.read()
        if answer.status != 503:
            break
        time.sleep(pause)
    if answer.status == 404:
        return Stored(number, None, moved=False)
    if answer.status != 200:
        raise RuntimeError(f"profile {number} is answered with {answer.status}")
    return Stored(number, answer.headers["ETag"], "Content-Location" in answer.headers)

"""Drawn connections, each tried on a running server."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.fuzz.framing.drawing import Drawing
from tests.fuzz.framing.judging import DisagreementError, judge
from tests.fuzz.framing.reading import Kind, Reading, Stay, readings
from tests.support.wire import exchanged

AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A connection on which a server and the reference differ."""

    seed: str
    fault: str
    sent: bytes
    received: bytes

    def __str__(self) -> str:
        return f"{self.seed}: {self.fault}\n    {self.sent!r}\n    {self.received!r}"


def disagreements(bind: str, seeds: Iterable[str]) -> Iterator[Disagreement]:
    """Of the connections drawn from ``seeds`` those that the server at ``bind`` reads wrongly."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for found in pool.map(lambda seed: _tried(bind, seed), seeds):
            if found is not None:
                yield found


def _tried(bind: str, seed: str) -> Disagreement | None:
    drawing = Drawing(seed)
    asked = list(readings(drawing.data))
    received = b""
    try:
        received = exchanged(bind, *drawing.pieces(), ends=not _ends_itself(asked[-1]))
        judge(asked, received)
    except (DisagreementError, TimeoutError) as error:
        fault = str(error) if isinstance(error, DisagreementError) else "it is left open"
        return Disagreement(seed, fault, drawing.data, received)
    return None


def _ends_itself(last: Reading) -> bool:
    """Whether the server closes the connection, whatever the client does."""
    if last.kind is Kind.WHOLE:
        return last.stay is Stay.NO
    return last.kind is Kind.BROKEN

"""A TCP proxy in front of one Cassandra node, which meets faults at messages that a test chooses.

The node has to broadcast the address that the proxy listens on, or clients find the way round
it. It understands connections of protocol version 5 as the service makes them, without TLS.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from tests.faults.frames import Message, Request, Statements, messages

Address = tuple[str, int]

_PATIENCE_SECONDS = 30
_RESET = struct.pack("ii", 1, 0)
"""For SO_LINGER: a connection ends with RST, not with FIN."""


class Arrives(Enum):
    """Whether the node gets a request: LATE is when the test says `Proxy.deliver`."""

    NOW = auto()
    LATE = auto()
    NEVER = auto()


class Then(Enum):
    """What the client sees; of a request that arrives now, after the node has answered it.

    CUT: from then on it reaches the node no more, as after `Proxy.cut`.
    """

    ANSWER = auto()
    SILENCE = auto()
    CLOSE = auto()
    RESET = auto()
    CUT = auto()


@dataclass(eq=False)
class Fault:
    """What becomes of the first ``times`` requests that ``at`` chooses.

    ``delay``: seconds before what the client sees. ``instead``: the body of an error that it
    gets in place of the node's answer. ``met``: how many there were. ``late``: those that are
    held back for the node.
    """

    at: Callable[[Request], bool]
    arrives: Arrives
    then: Then
    delay: float = 0
    instead: bytes = b""
    times: int = 1
    met: int = field(default=0, init=False)
    late: list[tuple["_Pair", Request]] = field(default_factory=list, init=False)


class Proxy:
    """Listens on ``listen`` for clients of ``node``, in a thread of its own."""

    def __init__(self, listen: Address, node: Address) -> None:
        self.statements = Statements()
        self._listen = listen
        self._node = node
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._pairs: set[_Pair] = set()
        self._faults: list[Fault] = []

    def start(self) -> None:
        self._thread.start()
        self.heal()

    def stop(self) -> None:
        """End it and all its connections. Harmless when it has ended, or never began."""
        if self._thread.is_alive():
            self.cut()
            self.forget()
            self._run(self._ended())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_PATIENCE_SECONDS)
        self._loop.close()

    def cut(self) -> None:
        """Reset all connections and refuse new ones, until `heal`."""
        self._run(self._cut())

    def heal(self) -> None:
        """Take connections, again."""
        self._run(self._open())

    def meet(self, fault: Fault) -> Fault:
        """Let ``fault`` happen, after those that were given before."""
        self._faults.append(fault)
        return fault

    def deliver(self, fault: Fault) -> None:
        """Give the node what ``fault`` held back, and wait until it has answered."""
        while fault.late:
            pair, request = fault.late.pop(0)
            self._run(pair.deliver(request))

    def forget(self) -> None:
        """Meet no more faults; what is held back never arrives."""
        self._faults = []
        self._run(self._give_up())

    def fault_at(self, request: Request) -> Fault | None:
        """The one that ``request`` meets."""
        for fault in self._faults:
            if fault.met < fault.times and fault.at(request):
                fault.met += 1
                return fault
        return None

    def refuse(self) -> None:
        """`cut`, in the thread of the proxy."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for pair in self._pairs:
            pair.end(Then.RESET)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_SECONDS)

    async def _open(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, *self._listen)

    async def _cut(self) -> None:
        self.refuse()

    async def _give_up(self) -> None:
        for pair in self._pairs:
            pair.give_up()

    async def _ended(self) -> None:
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            from_node, node = await asyncio.open_connection(*self._node)
        except OSError:
            _end(client, Then.RESET)
            return
        pair = _Pair(self, client, node)
        self._pairs.add(pair)
        await asyncio.gather(pair.requests(reader), pair.answers(from_node))
        self._pairs.discard(pair)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request that the node has; ``answered`` is set when it has answered."""

    request: Request
    fault: Fault | None
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class _Pair:
    """A client's connection and the one to the node that belongs to it.

    The second one outlives the first as long as something is held back.
    """

    def __init__(
        self, proxy: Proxy, client: asyncio.StreamWriter, node: asyncio.StreamWriter
    ) -> None:
        self._proxy = proxy
        self._client = client
        self._node = node
        self._accepted = False
        self._holds = False
        self._sent: dict[int, _Sent] = {}

    async def requests(self, reader: asyncio.StreamReader) -> None:
        """Hand on what the client sends, as long as it does."""
        with suppress(OSError):
            async for message in messages(reader, lambda: self._accepted):
                request = self._proxy.statements.request(message)
                fault = self._proxy.fault_at(request)
                if fault is None or fault.arrives is Arrives.NOW:
                    self._send(request, fault)
                    continue
                if fault.arrives is Arrives.LATE:
                    self._holds = True
                    fault.late.append((self, request))
                self._show(fault, message, None)
        self.end(Then.CLOSE)
        if not self._holds:
            self._node.close()

    async def answers(self, reader: asyncio.StreamReader) -> None:
        """Hand on what the node sends, as long as it does."""
        with suppress(OSError):
            async for message in messages(reader, lambda: self._accepted):
                self._answer(message)
        self.end(Then.CLOSE)

    async def deliver(self, request: Request) -> None:
        """Give the node a request that is late, and wait for its answer."""
        await self._send(request, None).answered.wait()
        self.give_up()

    def give_up(self) -> None:
        """Hold back nothing more."""
        self._holds = False
        if self._client.is_closing():
            self._node.close()

    def end(self, how: Then) -> None:
        """End the client's connection."""
        _end(self._client, how)

    def _send(self, request: Request, fault: Fault | None) -> _Sent:
        message = request.message
        sent = self._sent[message.stream] = _Sent(request, fault)
        self._node.write(message.segments if self._accepted else message.envelope)
        return sent

    def _answer(self, message: Message) -> None:
        sent = self._sent.pop(message.stream, None)
        if sent is None:
            self._give(message)
            return
        self._proxy.statements.learn(sent.request, message)
        if sent.fault is None:
            self._give(message)
        else:
            self._show(sent.fault, sent.request.message, message)
        sent.answered.set()

    def _show(self, fault: Fault, asked: Message, answer: Message | None) -> None:
        """What the client sees, now or after the delay, while all else goes on."""
        if fault.instead:
            answer = asked.refusal(fault.instead)
        asyncio.get_running_loop().call_later(fault.delay, self._do, fault.then, answer)

    def _do(self, then: Then, answer: Message | None) -> None:
        if then is Then.CUT:
            self._proxy.refuse()
        elif then in {Then.CLOSE, Then.RESET}:
            self.end(then)
        elif then is Then.ANSWER and answer is not None:
            self._give(answer)

    def _give(self, message: Message) -> None:
        if not self._client.is_closing():
            self._client.write(message.segments if self._accepted else message.envelope)
        self._accepted = self._accepted or message.accepts


def _end(writer: asyncio.StreamWriter, how: Then) -> None:
    if writer.is_closing():
        return
    if how is Then.RESET:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort()
    else:
        writer.close()

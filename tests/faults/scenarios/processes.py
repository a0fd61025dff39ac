"""Faults of the service itself, on any store: killed workers, restarts, clocks that differ."""

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from app.settings import StoreAddress
from tests.faults.checker import Report
from tests.faults.history import Operation
from tests.faults.run import Run
from tests.faults.scenarios.service import instance
from tests.faults.violations import Rule, Violation
from tests.support.server import PATIENCE_SECONDS, Service

APART_SECONDS = 5
FAKETIME = "faketime/libfaketimeMT.so.1"
# libfaketime 0.9.10 refuses the call by which Python sleeps until a moment of the other clock.
SLEEP = """
import select
import time

time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""


class MissingTool(Exception):
    """Something that a scenario needs is not installed; the message says how to mend that."""


def killed_workers(run: Run, address: StoreAddress, times: int = 30) -> Report:
    """One of the workers is killed while it writes, again and again."""
    with instance(run, address) as service:
        with run.load(service.bind) as load:
            for _ in run.steps(load, times):
                service.kill_a_worker()
        return run.judged(address, [service.bind])


def restarted_instances(run: Run, address: StoreAddress, times: int = 6) -> Report:
    """Two instances, one after the other taken out, ended and started again: nothing is dropped.

    As docs/how-to/rolling-upgrade.md has it: what was sent before the signal is answered.
    """
    with ExitStack() as stack:
        services = [stack.enter_context(instance(run, address, name)) for name in ("one", "two")]
        binds = [each.bind for each in services]
        with run.load(*binds) as load:
            for step in run.steps(load, times):
                turn = step % len(binds)
                load.gate.take_out(turn)
                _end(services[turn])
                again = {"PROFILES_BIND": binds[turn]}
                services[turn] = stack.enter_context(instance(run, address, f"again{step}", again))
                load.gate.put_back(turn)
        report = run.judged(address, binds)
    return replace(report, violations=[*report.violations, *_dropped(run.recorded)])


def clocks_apart(run: Run, address: StoreAddress, times: int = 6) -> Report:
    """Two instances on one store, the clock of one ahead; workers of both are killed too."""
    ahead = _ahead(APART_SECONDS, run.folder)
    with instance(run, address, "right") as one, instance(run, address, "ahead", ahead) as other:
        binds = [one.bind, other.bind]
        run.notes.append(f"the clocks differ by {_seconds_between(one, other):.1f} s")
        with run.load(*binds) as load:
            for step in run.steps(load, times):
                (one, other)[step % 2].kill_a_worker()
        return run.judged(address, binds)


def _seconds_between(one: Service, other: Service) -> float:
    """How far the clock of the other one is ahead, by what they tell."""
    told = [each.send("GET", "/server/status").json["system_time"] for each in (one, other)]
    first, second = map(datetime.fromisoformat, told)
    return (second - first).total_seconds()


def _end(service: Service) -> None:
    service.process.send_signal(signal.SIGTERM)
    code = service.process.wait(PATIENCE_SECONDS)
    assert code == 0, f"the service ended with {code}:\n{service.output}"


def _dropped(operations: Sequence[Operation]) -> Iterator[Violation]:
    for each in operations:
        if not each.status or each.attempts > 1:
            yield Violation(Rule.ANSWER, each.profile, "was not answered at once", (each,))


def libfaketime() -> Path:
    """What sets the clock of one process.

    :raises MissingTool: it is not installed.
    """
    found = next(Path("/usr/lib").glob(f"*/{FAKETIME}"), None)
    if found is None:
        raise MissingTool(
            "libfaketime is missing, which sets the clock of one process: install it"
            " (Debian, Ubuntu: apt-get install faketime), or name the scenarios to run without it."
        )
    return found


def _ahead(seconds: int, folder: Path) -> Mapping[str, str]:
    """What a process needs in its environment to have its clock ahead, with a file in ``folder``.

    :raises MissingTool: there is no libfaketime.
    """
    (folder / "sitecustomize.py").write_text(SLEEP)
    return {
        "LD_PRELOAD": str(libfaketime()),
        "FAKETIME": f"+{seconds}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": str(folder),
    }

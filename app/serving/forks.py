"""Signals around a fork: none of them is lost."""

import os
import signal

ENDING = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


def guard_forks() -> None:
    """From here on, no signal to end is lost around a fork of this process.

    A new worker would hand it to the master's handlers, which do nothing there, until its server
    has set up the worker's own. So it waits until the worker just ends on it.
    """
    os.register_at_fork(before=block, after_in_parent=unblock, after_in_child=_end_on_signals)


def block() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)


def unblock() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def _end_on_signals() -> None:
    for number in ENDING:
        signal.signal(number, lambda *_: os._exit(0))
    unblock()

#!/usr/bin/env bash
# uvloop 0.23.0 beside the event loop of Python's own asyncio
#
# Expected: a signal that comes after loop.add_signal_handler() and before the loop runs is handled
# as soon as it runs: its handler is in place.
# Seen: asyncio calls the handler; uvloop forgets the signal. So a process that was told to end
# while it started goes on, as gunicorn's asgi worker does: it sets the handlers, then imports
# the application, then runs the loop.
#
# Takes Python 3.11 or newer and Linux. Fails where that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check uvloop==0.23.0
cat > "$folder/early.py" <<'PYTHON'
import asyncio
import os
import signal
import sys

import uvloop

loop = (uvloop if sys.argv[1] == "uvloop" else asyncio).new_event_loop()
handled = []
loop.add_signal_handler(signal.SIGTERM, handled.append, "early")
os.kill(os.getpid(), signal.SIGTERM)


async def main():
    await asyncio.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.5)


loop.run_until_complete(main())
print(len(handled))
PYTHON
asyncio=$("$folder/venv/bin/python" "$folder/early.py" asyncio)
uvloop=$("$folder/venv/bin/python" "$folder/early.py" uvloop)
echo "of two signals, one before the loop runs: asyncio handles $asyncio, uvloop $uvloop"
[ "$asyncio" = 2 ] && [ "$uvloop" = 1 ]

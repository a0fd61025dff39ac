#!/usr/bin/env bash
# gunicorn 27.0.1, worker class "asgi"
#
# Expected: the status line of an answer has the phrase that HTTP gives its status, as gunicorn's
# other workers send it: "HTTP/1.1 412 Precondition Failed" (RFC 9110 section 15.5.13).
# Seen: "HTTP/1.1 412 Unknown", and so for every status that is not in a short table of its own:
# 406, 412, 417, 421, 423, 428 among them. ASGI has no place for the phrase, so an application
# cannot give it.
#
# Takes Python 3.11 or newer. Fails where that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(cat "$folder"/pid 2>/dev/null) 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check gunicorn==27.0.1
cat > "$folder/statuses.py" <<'PYTHON'
async def app(scope, receive, send):
    status = int(scope["path"][1:])
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def wsgi(environ, start_response):
    from http import HTTPStatus

    status = HTTPStatus(int(environ["PATH_INFO"][1:]))
    start_response(f"{status.value} {status.phrase}", [("Content-Length", "0")])
    return [b""]
PYTHON

line() { # WORKER ENTRY STATUS
  cd "$folder"
  "$folder/venv/bin/gunicorn" --worker-class "$1" --bind "unix:$folder/socket" --no-control-socket \
    "$2" > "$folder/log" 2>&1 &
  echo $! > "$folder/pid"
  for _ in $(seq 100); do [ -S "$folder/socket" ] && break; sleep 0.1; done
  "$folder/venv/bin/python" - "$folder/socket" "$3" <<'PYTHON'
import socket
import sys

with socket.socket(socket.AF_UNIX) as client:
    client.settimeout(10)
    client.connect(sys.argv[1])
    client.sendall(f"GET /{sys.argv[2]} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    print(client.recv(4096).partition(b"\r\n")[0].decode())
PYTHON
  kill "$(cat "$folder/pid")" && wait "$(cat "$folder/pid")" 2> /dev/null || true
  rm -f "$folder/socket"
}

asgi=$(line asgi statuses:app 412)
sync=$(line sync statuses:wsgi 412)
echo "asgi: $asgi"
echo "sync: $sync"
[ "$asgi" = "HTTP/1.1 412 Unknown" ] && [ "$sync" = "HTTP/1.1 412 Precondition Failed" ]

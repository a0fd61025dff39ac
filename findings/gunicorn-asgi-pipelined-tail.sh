#!/usr/bin/env bash
# gunicorn 27.0.1 with gunicorn_h1c 0.6.10, worker class "asgi"
#
# Expected: all of 2,000 requests that a client sends without waiting for answers (124 KB) are
# answered in their order (RFC 9112 section 9.3.2), as the worker class "gthread" does; or the last
# answer says "Connection: close".
# Seen: what comes at one time behind a request that is at work is cut beyond some 64 KiB. The first
# few are answered with 200, none of them with "Connection: close", and the connection is closed.
#
# Takes Python 3.11 or newer. Fails where that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(cat "$folder"/pid 2>/dev/null) 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check gunicorn==27.0.1 gunicorn_h1c==0.6.10
cat > "$folder/both.py" <<'PYTHON'
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]
PYTHON

answers() { # WORKER ENTRY
  cd "$folder"
  "$folder/venv/bin/gunicorn" --worker-class "$1" --bind "unix:$folder/socket" --no-control-socket \
    "$2" > "$folder/log" 2>&1 &
  echo $! > "$folder/pid"
  for _ in $(seq 100); do [ -S "$folder/socket" ] && break; sleep 0.1; done
  "$folder/venv/bin/python" - "$folder/socket" <<'PYTHON'
import socket
import sys
import threading

COUNT = 2000
request = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"x" * 30)
with socket.socket(socket.AF_UNIX) as client:
    client.settimeout(10)
    client.connect(sys.argv[1])

    def send():
        try:
            client.sendall(request * COUNT)
        except OSError:
            pass

    threading.Thread(target=send, daemon=True).start()
    received = b""
    while received.count(b" 200 OK") < COUNT:
        try:
            piece = client.recv(65536)
        except OSError:
            break
        if not piece:
            break
        received += piece
print(received.count(b" 200 OK"), received.lower().count(b"connection: close"))
PYTHON
  kill "$(cat "$folder/pid")" && wait "$(cat "$folder/pid")" 2> /dev/null || true
  rm -f "$folder/socket"
}

read -r asgi closing <<< "$(answers asgi both:app)"
read -r gthread _ <<< "$(answers gthread both:wsgi)"
echo "asgi: $asgi of 2000 answered, $closing say that it closes; gthread: $gthread of 2000"
[ "$asgi" -lt 2000 ] && [ "$closing" -eq 0 ] && [ "$gthread" -eq 2000 ]

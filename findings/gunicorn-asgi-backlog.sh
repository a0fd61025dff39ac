#!/usr/bin/env bash
# gunicorn 27.0.1, worker class "asgi", with uvloop 0.23.0 and with asyncio's own loop
#
# Expected: --backlog (2048 unless set) is how many new connections the kernel queues until a
# worker takes them in, as with gunicorn's other workers.
# Seen: it is 100, whatever is set. The master listens with the backlog that is set; then each
# worker hands the socket to the loop's create_server, which listens once more, with its default
# of 100. In a burst of more new connections than that, the others wait for their next SYN, a
# second later.
#
# Takes Python 3.11 or newer and Linux. Fails where that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(cat "$folder"/pid 2>/dev/null) 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check gunicorn==27.0.1 uvloop==0.23.0
cat > "$folder/hello.py" <<'PYTHON'
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def wsgi(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]
PYTHON

# What the kernel says of the listening socket: the 8th field of /proc/net/tcp has no backlog,
# so it is asked by TCP_INFO of the socket itself, in the process that listens.
cat > "$folder/backlog.py" <<'PYTHON'
import socket
import struct
import sys


def post_worker_init(worker):
    import threading
    import time

    def tell():
        time.sleep(2)  # until the worker listens
        info = worker.sockets[0].sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
        # Of a listening socket, tcpi_sacked is its backlog (tcp_info in linux/tcp.h).
        print("backlog", struct.unpack("=8B24I", info[:104])[8 + 5], file=sys.stderr, flush=True)

    threading.Thread(target=tell, daemon=True).start()
PYTHON

backlog() {
  cd "$folder"
  "$folder/venv/bin/gunicorn" --config "$folder/backlog.py" --bind 127.0.0.1:0 --backlog 2048 \
    --workers 1 --no-control-socket "$@" > "$folder/log" 2>&1 &
  echo $! > "$folder/pid"
  for _ in $(seq 100); do
    grep -q '^backlog' "$folder/log" && break
    sleep 0.1
  done
  kill "$(cat "$folder/pid")" && wait "$(cat "$folder/pid")" 2> /dev/null || true
  awk '/^backlog/ {print $2}' "$folder/log"
}

somaxconn=$(cat /proc/sys/net/core/somaxconn)
expected=$((somaxconn < 2048 ? somaxconn : 2048))
failed=0
for worker in "gthread hello:wsgi" "asgi --asgi-loop uvloop hello:app" "asgi --asgi-loop asyncio hello:app"; do
  # shellcheck disable=SC2086
  seen=$(backlog --worker-class $worker)
  echo "--worker-class $worker: backlog $seen"
  case $worker in
    gthread*) [ "$seen" = "$expected" ] || failed=1 ;;
    *) [ "$seen" = 100 ] || failed=1 ;;
  esac
done
exit $failed

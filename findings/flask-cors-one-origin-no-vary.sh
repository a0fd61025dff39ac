#!/usr/bin/env bash
# flask-cors 6.0.5, Flask 3.1.3
#
# Expected: where answers depend on the Origin of the request, each has "Vary: Origin", so that a
# cache never gives a page the answer that was meant for another origin, or for none
# (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches); `vary_header` is on by default.
# Seen: with one origin in `origins`, "Vary: Origin" is never sent, neither with the allowed origin,
# whose answer alone has Access-Control-Allow-Origin, nor with another one, nor without. With two
# origins it is sent with the allowed one only.
#
# Takes Python 3.11 or newer. Fails where that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check flask==3.1.3 flask-cors==6.0.5
"$folder/venv/bin/python" - <<'PYTHON'
from flask import Flask
from flask_cors import CORS

ONE, OTHER = "https://a.example", "https://b.example"
seen = {}
for origins in ([ONE], [ONE, "https://c.example"]):
    app = Flask("finding")
    app.add_url_rule("/", "home", lambda: "x")
    CORS(app, origins=origins, always_send=False)
    for sent in (ONE, OTHER, None):
        headers = {"Origin": sent} if sent else {}
        answer = app.test_client().get("/", headers=headers)
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        seen[len(origins), sent] = (allowed, answer.headers.get("Vary"))
for (count, sent), (allowed, vary) in seen.items():
    print(f"{count} origin(s), Origin: {sent}: allowed {allowed}, Vary {vary}")
assert seen == {
    (1, ONE): (ONE, None),
    (1, OTHER): (None, None),
    (1, None): (None, None),
    (2, ONE): (ONE, "Origin"),
    (2, OTHER): (None, None),
    (2, None): (None, None),
}
PYTHON

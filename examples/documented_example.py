"""Put the documented example into a running service, and read it back.

python examples/documented_example.py [BASE_URL], by default http://127.0.0.1:8080
"""

import json
import sys
import urllib.error
import urllib.request

CUSTOMER_ID = "00027a52JCGY000M"
PROFILE = {
    "FirstName": "Bruce",
    "LastName": "Banner",
    "DOB": "1962-05-10",
    "EmailAddress": ["bruce.banner@marvelous.com", "hulk@marvelous.com"],
    "Address": {
        "Type": 1,
        "Address": "21 JumpStreet",
        "City": "Hollywood",
        "County": "Santa Barbara",
        "PostCode": "555",
        "Country": "United States",
    },
}


def send(
    method: str, url: str, body: object = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of the answer; told on the way."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, dict(headers or {}), method=method)  # noqa: S310
    if data is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            status, told, text = answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        status, told, text = error.code, dict(error.headers), error.read().decode()
    print(f"{method} {url}\n  {status} {text}")
    return status, told, text


def main(base_url: str) -> int:
    """Create the profile, or overwrite it where it is there already; then query it."""
    url = f"{base_url}/profiles/{CUSTOMER_ID}"
    status, _, _ = send("PUT", url, PROFILE, {"If-None-Match": "*"})
    if status == 412:
        send("PUT", url, PROFILE)
    status, headers, text = send("GET", f"{url}?extensions=Address")
    print(f"  ETag: {headers['ETag']}")
    return 0 if json.loads(text) == {"customer_id": CUSTOMER_ID, **PROFILE} else 1


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:2] or ["http://127.0.0.1:8080"]))
    except urllib.error.URLError as error:
        sys.exit(f"the service does not answer ({error.reason}): start it with `make run`")

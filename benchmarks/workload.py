"""A fixed number of requests within one process, on the embedded store: for `benchmarks.check`.

python workload.py FOLDER OPERATION COUNT: prints the CPU seconds that the requests took. Before
them, it sends a few of each operation. It uses only what every commit has.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BODY = {
    "FirstName": "Bruce",
    "LastName": "Banner",
    "DOB": "1962-05-10",
    "EmailAddress": ["bruce.banner@marvelous.com", "hulk@marvelous.com"],
    "PhoneNumber": ["+1 202 555 0172"],
    "Address": {"Type": 1, "Address": "21 JumpStreet", "City": "Hollywood"},
}
PATH = "/profiles/00027a52JCGY000M"
WARM_UP = 20


def main(folder: str, operation: str, count: int) -> None:
    """Send the requests, after some that are not counted."""
    os.environ["PROFILES_STORE"] = f"sqlite:///{Path(folder).absolute()}/profiles.db"
    os.environ["PROFILES_ACCESS_LOG"] = "off"
    from app.factory import create_app  # noqa: PLC0415
    from app.settings import read_settings  # noqa: PLC0415
    from app.stores import migrate  # noqa: PLC0415

    settings = read_settings()
    migrate(settings.store)
    client = create_app(settings).test_client()
    client.put(PATH, json=BODY, headers={"If-None-Match": "*"})
    given = {name: value for name, value in BODY.items() if name != "Address"}
    named = {"EmailAddress": "hulk@marvelous.com"}
    operations = {
        "query": lambda: client.get(PATH),
        "extensions": lambda: client.get(PATH, query_string={"extensions": "*"}),
        "identify": lambda: client.get("/profiles", query_string=named),
        "update": lambda: client.put(PATH, json=given),
    }
    for send in operations.values():
        _send(send, WARM_UP)
    begin = time.process_time()
    _send(operations[operation], count)
    print(time.process_time() - begin)


def _send(send: Callable[[], Any], count: int) -> None:
    for _ in range(count):
        answer = send()
        if answer.status_code != 200:
            sys.exit(f"refused: {answer.get_data(as_text=True)}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

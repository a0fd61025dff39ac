"""The profiles that are measured: all of one form, told apart by ten digits.

`TOKEN` in a body or path stands for the digits, so that each load makes its own from one text.
"""

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import orjson

from examples.generate_profiles import profiles

TOKEN = "@TOKEN@"  # noqa: S105
DIGITS = 10
IDENTIFY_QUERY = f"?EmailAddress=bruce.banner.{TOKEN}@marvelous.com&include_profile=yes"

CORE: dict[str, Any] = {
    "FirstName": "Bruce",
    "LastName": f"Banner {TOKEN}",
    "DOB": "1962-05-10",
    "EmailAddress": [f"bruce.banner.{TOKEN}@marvelous.com"],
    "PhoneNumber": [f"+1{TOKEN}"],
}
EXTENSIONS: dict[str, Any] = {
    "Address": {
        "Type": 1,
        "Address": "21 JumpStreet",
        "City": "Hollywood",
        "PostCode": "555",
        "Country": "United States",
    },
    "Phone": [{"PhoneNumber": f"1{TOKEN}", "PhoneType": 2}],
}
_REALISTIC = 10_000


def customer_id(token: str) -> str:
    """The id of the profile with these digits."""
    return "0" * (16 - DIGITS) + token


def digits(number: int) -> str:
    """What stands in the place of `TOKEN` in the profile of ``number``."""
    return f"{number:0{DIGITS}d}"


def body() -> str:
    """The core attributes, as JSON with `TOKEN` in it."""
    return dumped(CORE)


def dumped(value: Any) -> str:
    """``value`` as JSON."""
    return orjson.dumps(value).decode()


def filled(value: Any, number: int) -> Any:
    """``value`` with the digits of ``number`` in the place of `TOKEN`."""
    return orjson.loads(dumped(value).replace(TOKEN, digits(number)))


def whole() -> dict[str, Any]:
    """A profile with its extensions and its id, with `TOKEN` in it."""
    return {"customer_id": customer_id(TOKEN), **CORE, **EXTENSIONS}


def lines(numbers: range) -> Iterator[bytes]:
    """One profile per line, as ``profiles load`` takes them."""
    return (dumped(filled(whole(), number)).encode() + b"\n" for number in numbers)


def write_realistic(path: Path, count: int) -> None:
    """``count`` profiles of varying form into a file: some thousand people, again and again
    with ids, addresses and days of birth of their own."""
    people = list(profiles(min(count, _REALISTIC)))
    with path.open("wb") as file:
        for number, person in enumerate(islice(cycle(people), count)):
            own = {
                "customer_id": customer_id(digits(number)),
                "DOB": f"{1930 + number % 70}-{1 + number % 12:02}-{1 + number % 28:02}",
                "EmailAddress": [f"bruce.banner.{digits(number)}@marvelous.com"],
                "PhoneNumber": [f"+1{digits(number)}"],
            }
            file.write(orjson.dumps(person | own) + b"\n")

"""Write realistic profiles, one JSON object per line: the same ones for the same seed.

python examples/generate_profiles.py COUNT [SEED] > profiles.ndjson
"""

import json
import sys
from collections.abc import Iterator
from random import Random
from typing import Any

from faker import Faker

ID_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def profiles(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """``count`` profiles that fit the default definition."""
    fake, random = Faker("en_US"), Random(seed)
    fake.seed_instance(seed)
    for number in range(count):
        first, last = fake.first_name(), fake.last_name()
        profile = {
            "customer_id": customer_id(number),
            "FirstName": first,
            "LastName": last,
            "DOB": fake.date_of_birth(minimum_age=18, maximum_age=95).isoformat(),
            "EmailAddress": [f"{first}.{last}.{number}@{fake.free_email_domain()}".lower()],
            "PhoneNumber": [fake.numerify("+1 ### ### ####") for _ in range(random.randint(1, 3))],
        }
        yield profile | extensions(fake, random)


def extensions(fake: Faker, random: Random) -> dict[str, Any]:
    """An address for most, phones for half, and a few important persons."""
    found: dict[str, Any] = {}
    if random.random() < 0.8:
        found["Address"] = {
            "Type": random.randint(1, 3),
            "Address": fake.street_address(),
            "City": fake.city()[:32],
            "PostCode": fake.postcode(),
            "Country": "United States",
        }
    if random.random() < 0.5:
        numbers = {fake.numerify("############") for _ in range(random.randint(1, 4))}
        found["Phone"] = [
            {"PhoneNumber": number, "PhoneType": random.randint(0, 4)} for number in numbers
        ]
    if random.random() < 0.02:
        found["Vip"] = {}
    return found


def customer_id(number: int) -> str:
    """A 16-character id."""
    digits = ""
    for _ in range(16):
        number, digit = divmod(number, len(ID_CHARACTERS))
        digits = ID_CHARACTERS[digit] + digits
    return digits


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    for each in profiles(*map(int, sys.argv[1:])):
        sys.stdout.write(json.dumps(each) + "\n")

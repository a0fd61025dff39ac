"""What an agent desktop does, by the client that openapi-python-client makes of the document."""

import sys
from http import HTTPStatus

from profiles_client import Client
from profiles_client.api.profiles import (
    create_profile,
    delete_profile,
    identify_profiles,
    patch_profile,
    query_profile,
    update_profile,
)
from profiles_client.models import (
    AddressRecordInput,
    PhoneRecordInput,
    Problem412Code,
    Profile,
    ProfileInput,
    ProfilePatch,
    QueryProfileExtensionsItem,
)
from profiles_client.types import UNSET, Response

NUMBER = "+1 805 555 0101"


def walk(client: Client) -> None:
    created = create_profile.sync(client=client, body=given())
    bruce = created.customer_id

    found = query(client, bruce)
    same(found.parsed.phone[0].phone_number, NUMBER)
    same(found.parsed.address.city, "Dayton")

    # The types have no headers: these are of the HTTP library.
    tag, changed = found.headers["ETag"], put_back(found.parsed)
    changed.first_name = "Robert"
    same(update(client, bruce, changed, tag).status_code, HTTPStatus.OK)
    refused = update(client, bruce, changed, tag)
    same(refused.status_code, HTTPStatus.PRECONDITION_FAILED)
    same(refused.parsed.code, Problem412Code.PRECONDITION_FAILED)

    listed = identify_profiles.sync(client=client, phone_number=[NUMBER])
    same([each.customer_id for each in listed], [bruce])

    patch = ProfilePatch(first_name="Bob", last_name=None)
    same(patch_profile.sync(bruce, client=client, body=patch).customer_id, bruce)
    again = query(client, bruce).parsed
    same((again.first_name, again.last_name), ("Bob", UNSET))
    same(again.phone[0].phone_number, NUMBER)

    same(delete_profile.sync(bruce, client=client).customer_id, bruce)
    same(query(client, bruce).status_code, HTTPStatus.NOT_FOUND)


def given() -> ProfileInput:
    return ProfileInput(
        first_name="Bruce",
        last_name="Banner",
        phone_number=[NUMBER],
        phone=[PhoneRecordInput(phone_number=NUMBER, phone_type=1)],
        address=AddressRecordInput(city="Dayton"),
    )


def query(client: Client, customer_id: str) -> Response[Profile]:
    extensions = [QueryProfileExtensionsItem.PHONE, QueryProfileExtensionsItem.ADDRESS]
    return query_profile.sync_detailed(customer_id, client=client, extensions=extensions)


def update(client: Client, customer_id: str, profile: ProfileInput, tag: str) -> Response[Profile]:
    return update_profile.sync_detailed(customer_id, client=client, body=profile, if_match=tag)


def put_back(answered: Profile) -> ProfileInput:
    """What was answered, as it is written."""
    return ProfileInput.from_dict(answered.to_dict())


def same(found: object, expected: object) -> None:
    if found != expected:
        raise SystemExit(f"{found} instead of {expected}")


with Client(base_url=sys.argv[1]) as client:
    walk(client)

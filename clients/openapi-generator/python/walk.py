"""What an agent desktop does, by the Python client that is generated from the document."""

import sys
from collections.abc import Callable

from profiles_client import (
    AddressRecordInput,
    ApiClient,
    ApiException,
    Configuration,
    PhoneRecordInput,
    Profile,
    ProfileInput,
    ProfileInputPhoneNumber,
    ProfilePatch,
    ProfilesApi,
)

STALE, MERGED, DELETED = 412, 404, 404


def walk(profiles: ProfilesApi) -> None:
    """Create, identify, update, be refused, patch, merge, delete."""
    bruce = profiles.create_profile(given("Bruce", "+1 805 555 0101")).customer_id
    same(identified(profiles, "+1 805 555 0101"), [bruce])

    queried = profiles.query_profile_with_http_info(bruce, extensions=["Phone", "Address"])
    same(queried.data.phone[0].phone_number, "+1 805 555 0101")
    same(queried.data.address.city, "Dayton")
    tag, changed = queried.headers["ETag"], put_back(queried.data)
    changed.first_name = "Robert"
    same(profiles.update_profile(bruce, changed, if_match=tag).customer_id, bruce)
    refused(STALE, lambda: profiles.update_profile(bruce, changed, if_match=tag))

    profiles.patch_profile(bruce, ProfilePatch(LastName=None, Title="Dr."))
    again = profiles.query_profile(bruce, extensions=["Phone"])
    same((again.first_name, again.last_name, again.title), ("Robert", None, "Dr."))
    same(again.phone[0].phone_number, "+1 805 555 0101")

    betty = profiles.create_profile(given("Betty", "+1 805 555 0103")).customer_id
    profiles.merge_profile(bruce, betty)
    same(profiles.query_profile(betty).customer_id, bruce)
    same(identified(profiles, "+1 805 555 0103"), [bruce])
    refused(MERGED, lambda: profiles.update_profile(betty, given("Betty", "+1 805 555 0103")))
    same(profiles.delete_profile(bruce).customer_id, bruce)
    refused(DELETED, lambda: profiles.query_profile(bruce))


def given(first_name: str, number: str) -> ProfileInput:
    phone = PhoneRecordInput(PhoneNumber=number, PhoneType=1)
    return ProfileInput(
        FirstName=first_name,
        LastName="Banner",
        PhoneNumber=ProfileInputPhoneNumber([number]),
        Phone=[phone],
        Address=AddressRecordInput(City="Dayton"),
    )


def put_back(answered: Profile) -> ProfileInput:
    """What was answered, as it is written."""
    return ProfileInput.from_dict(answered.to_dict())


def identified(profiles: ProfilesApi, number: str) -> list[str]:
    found = profiles.identify_profiles(phone_number=[number]).actual_instance
    return [each.customer_id for each in found]


def refused(status: int, call: Callable[[], object]) -> None:
    try:
        call()
    except ApiException as error:
        same(error.status, status)
    else:
        raise SystemExit(f"was not refused with {status}")


def same(found: object, expected: object) -> None:
    if found != expected:
        raise SystemExit(f"{found} instead of {expected}")


with ApiClient(Configuration(host=sys.argv[1])) as client:
    walk(ProfilesApi(client))

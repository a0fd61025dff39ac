"""Two tenants of which one has been at work: content of every kind, made and seen by the API."""

from typing import Any

from tests.support.client import ApiClient
from tests.support.server import wait_until

DEFINITION = """
attributes:
  - {name: LastName, type: string}
  - {name: Title, type: string}
  - {name: Income, type: double}
  - {name: Card, type: string, sensitive: true}
  - {name: EmailAddress, type: string, multi_valued: true}
extensions:
  - name: Address
    type: single-valued
    attributes: [{name: City, type: string}, {name: Since, type: datetime}]
  - name: Phone
    type: multi-valued
    unique: [PhoneNumber]
    attributes: [{name: PhoneType, type: integer}, {name: PhoneNumber, type: string}]
  - name: Visit
    type: multi-valued
    attributes: [{name: Shop, type: string}]
  - {name: Vip, type: classifier}
identification_keys:
  - {name: email, attributes: [EmailAddress], unique: true}
  - {name: phone, source: Phone, attributes: [PhoneNumber]}
"""
IDS = ("one", "old", "gone", "again", "a", "b", "c", "d", "never")
FOUND_BY = (
    "EmailAddress=hulk@marvelous.com",
    "EmailAddress=b@c.de",
    "EmailAddress=d@c.de",
    "EmailAddress=taken@c.de",
    "Phone.PhoneNumber=555",
    "LastName=Second",
)
PHONE = {"PhoneType": 1, "PhoneNumber": "555"}
BANNER = {
    "LastName": "Bänner \u2028",
    "Income": 1.50,
    "Card": "4111 1111",
    "EmailAddress": ["hulk@marvelous.com"],
    "Address": {"City": "Hollywood", "Since": "2026-01-02T03:04:05.678Z"},
    "Phone": [PHONE],
    "Visit": [{"Shop": "first"}, {"Shop": "second"}],
}


def at(customer_id: str) -> str:
    return f"/profiles/{customer_id}"


def fill(api: ApiClient, other: ApiClient) -> None:
    """Have profiles in every state, of several definitions; of ``other`` a profile or two.

    The service of ``api`` has to do its background jobs.
    """
    _write(api)
    _merge(api)
    _change_definition(api)
    for each in ("one", "d"):
        put(other, each, {"LastName": "Other", "EmailAddress": [f"{each}@other.de"], "Vip": {}})


def put(api: ApiClient, customer_id: str, body: Any) -> str:
    """A new profile; its entity tag."""
    return api.put(at(customer_id), body, expect=201, If_None_Match="*").headers["ETag"]


def _write(api: ApiClient) -> None:
    put(api, "one", BANNER)
    api.put(at("one"), {"LastName": "Banner", "EmailAddress": ["hulk@marvelous.com"]})
    more = {"Phone": [{"PhoneNumber": "777"}], "Vip": {}}
    api.send("POST", at("one") + "/extensions", more, expect=200)
    merge_patch = {"Content_Type": "application/merge-patch+json"}
    api.send("PATCH", at("one"), {"Title": "Dr", "Income": 1e22}, expect=200, **merge_patch)
    api.delete(at("one") + "/extensions/Address", expect=204)
    put(api, "old", {"LastName": "Old", "Title": "Prof", "Visit": [{"Shop": "third"}]})
    put(api, "gone", BANNER | {"EmailAddress": ["taken@c.de"]})
    api.delete(at("gone"))
    put(api, "again", {"LastName": "First", "Vip": {}})
    api.delete(at("again"))
    put(api, "again", {"LastName": "Second", "EmailAddress": ["taken@c.de"]})


def _merge(api: ApiClient) -> None:
    """b into a, and that into c; d into a profile that is deleted then."""
    put(api, "a", {"LastName": "A", "Phone": [{"PhoneNumber": "1"}]})
    put(api, "b", {"LastName": "A", "EmailAddress": ["b@c.de"], "Phone": [{"PhoneNumber": "2"}]})
    put(api, "c", {"LastName": "A", "Title": "Dr"})
    put(api, "d", {"LastName": "D", "EmailAddress": ["d@c.de"]})
    put(api, "into", {"LastName": "D"})
    for into, source in (("a", "b"), ("c", "a"), ("into", "d")):
        api.send("PUT", f"{at(into)}/merge/{source}", expect=204)
    api.delete(at("into"))


def _change_definition(api: ApiClient) -> None:
    """An extension and its records removed, a key built over what is stored, an attribute new."""
    removed = api.delete("/metadata/profiles/extensions/Visit", expect=204)
    key = {"name": "name", "attributes": ["LastName"]}
    built = api.send("POST", "/metadata/identification-keys", key, expect=201)
    for answer in (removed, built):
        job = answer.headers["Link"].partition(">")[0].removeprefix("<")
        wait_until(lambda job=job: _is_done(api, job))
    attributes: Any = api.get("/metadata/profiles").json
    api.put("/metadata/profiles", [*attributes, {"name": "Nickname", "type": "string"}])
    api.put(at("c"), {"LastName": "C", "Nickname": "Cee", "EmailAddress": ["b@c.de"]})


def _is_done(api: ApiClient, job: str) -> bool:
    told: Any = api.get(job).json
    return bool(told["state"] == "done")


def seen(api: ApiClient) -> dict[str, Any]:
    """All that the API answers of the tenant: profiles, versions, definition, and who is found."""
    paths = [f"/metadata/{each}" for each in ("profiles", "profiles/extensions")]
    paths += ["/metadata/identification-keys"]
    paths += [f"/profiles?{each}&include_profile=Yes" for each in FOUND_BY]
    for each in IDS:
        versions = [f"{at(each)}?version={number}&extensions=*" for number in range(1, 9)]
        paths += [f"{at(each)}?extensions=*", f"{at(each)}/history", *versions]
    return {path: _answer(api, path) for path in paths}


def _answer(api: ApiClient, path: str) -> Any:
    answer = api.client.open(path, headers={"X-Genesys-TenantId": str(api.tenant)})
    problem: Any = answer.json if answer.status_code >= 400 else None
    told = problem["code"] if problem else answer.get_data(as_text=True)
    return answer.status_code, answer.headers.get("ETag"), told

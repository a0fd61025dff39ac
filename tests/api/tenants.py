"""A tenant that has something of everything, and all that it is told of it."""

from typing import Any

from flask import Flask

from tests.api.routes import ID, ONE, OTHER_ID, calls
from tests.support.client import ApiClient

Told = dict[str, tuple[bytes, str | None]]


def filled(api: ApiClient) -> str:
    """Give a tenant profiles, records and a definition of its own; the id of a job."""
    core: Any = api.get("/metadata/profiles").json
    api.put("/metadata/profiles", [*core, {"name": "TalbotOnly", "type": "string"}])
    key = {"name": "TalbotKey", "attributes": ["TalbotOnly"]}
    answer = api.send("POST", "/metadata/identification-keys", key, expect=201)
    for customer_id in (ID, OTHER_ID):
        phones = [{"PhoneNumber": "1", "description": "Talbot"}]
        api.created({"customer_id": customer_id, "PhoneNumber": "1", "Phone": phones})
        api.put(f"/profiles/{customer_id}", {"FirstName": "Talbot", "PhoneNumber": "1"})
    return answer.headers["Link"].partition(">")[0].rpartition("/")[2]


def all_that_is_told(api: ApiClient, app: Flask, job: str) -> Told:
    """What a tenant is answered on every path about what it has."""
    paths = [path.replace("nope", job) for method, path in calls(app) if method == "GET"]
    own = [path for path in paths if path.startswith(("/profiles/", "/metadata"))]
    whole = ("/profiles?PhoneNumber=1", f"{ONE}?extensions=*", f"/profiles/{OTHER_ID}")
    answers = {path: api.get(path) for path in (*own, *whole)}
    return {path: (each.data, each.headers.get("ETag")) for path, each in answers.items()}

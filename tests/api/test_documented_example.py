"""The documented example works exactly as the documentation shows it."""

import json

import pytest

from tests.support.client import ApiClient
from tests.support.creators import EXAMPLE, EXAMPLE_ID

PATH = f"/profiles/{EXAMPLE_ID}"
SENT = json.dumps(EXAMPLE, separators=(",", ":")).encode()
STORED = b'{"customer_id":"%s",%s' % (EXAMPLE_ID.encode(), SENT[1:])


@pytest.fixture
def stored_example(api: ApiClient) -> ApiClient:
    api.post({"customer_id": EXAMPLE_ID, "Title": "Dr", "Phone": [{"PhoneNumber": "1"}]})
    api.put(PATH, SENT)
    return api


def test_the_example_put_over_a_profile_is_the_profile_byte_for_byte(
    stored_example: ApiClient,
) -> None:
    assert stored_example.get(f"{PATH}?extensions=*").data == STORED


def test_the_example_is_answered_with_its_id_and_place(api: ApiClient) -> None:
    api.post({"customer_id": EXAMPLE_ID})
    answer = api.put(PATH, SENT)
    assert answer.data == b'{"customer_id":"00027a52JCGY000M"}'
    assert answer.headers["Content-Location"] == "/profiles/00027a52JCGY000M"


def test_the_example_creates_the_profile_where_the_client_asks_for_a_new_one(
    api: ApiClient,
) -> None:
    answer = api.put(PATH, SENT, expect=201, If_None_Match="*")
    assert answer.headers["Location"] == PATH
    assert api.get(f"{PATH}?extensions=Address").data == STORED


def test_the_example_modified_and_put_back_is_the_modified_profile(
    stored_example: ApiClient,
) -> None:
    modified = stored_example.profile(PATH)
    modified["Address"]["City"] = "Malibu"
    stored_example.put(PATH, modified)
    assert stored_example.profile(PATH) == modified

"""Conditional writes: what a client insists on is checked by the write itself."""

from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import number_of, tag_of, unchanged
from tests.support.client import ApiClient

BRUCE = {"FirstName": "Bruce", "Address": {"City": "Hollywood"}}
OTHER = '"1-00000000000000000000000000000000"'

# An update of attributes by one tag is written at once, any other is read before.
AT_ONCE: dict[str, Any] = {"FirstName": "Betty"}
READ_BEFORE: dict[str, Any] = {"FirstName": "Betty", "Address": {"City": "Malibu"}}
BODIES = pytest.mark.parametrize("body", [AT_ONCE, READ_BEFORE], ids=["at once", "read before"])

MALFORMED = ["", "1-a", '"a', 'a"', '"a" "b"', '*, "a"', '"a", *', "**", 'w/"a"', 'W/ "a"', "'a'"]


@pytest.fixture
def path(api: ApiClient) -> str:
    return api.created(BRUCE)


@BODIES
def test_the_current_tag_lets_an_update_through(
    api: ApiClient, path: str, body: dict[str, Any]
) -> None:
    answer = api.put(path, body, If_Match=tag_of(api, path))
    assert api.profile(path) == BRUCE | body
    assert answer.headers["ETag"] == tag_of(api, path)
    assert number_of(answer.headers["ETag"]) == 2


@BODIES
def test_a_chain_of_updates_by_the_tags_answered_needs_no_query(
    api: ApiClient, path: str, body: dict[str, Any]
) -> None:
    tag = tag_of(api, path)
    for _ in range(4):
        tag = api.put(path, body, If_Match=tag).headers["ETag"]
    assert number_of(tag) == 5
    assert api.profile(path) == BRUCE | body


@BODIES
def test_of_two_updates_by_one_tag_the_second_is_refused(
    api: ApiClient, path: str, body: dict[str, Any]
) -> None:
    tag = tag_of(api, path)
    api.put(path, {"LastName": "Banner"}, If_Match=tag)
    with unchanged(api, path):
        refused = api.put(path, body, expect=412, If_Match=tag)
    assert refused.json
    assert refused.json["code"] == "precondition_failed"


@BODIES
@pytest.mark.parametrize(
    "condition", ["*", f"{OTHER}, {{tag}}", f"{{tag}} ,\t{OTHER}", "{tag},W/{tag}"]
)
def test_any_tag_and_a_list_with_the_current_one_let_an_update_through(
    api: ApiClient, path: str, body: dict[str, Any], condition: str
) -> None:
    api.put(path, body, If_Match=condition.format(tag=tag_of(api, path)))
    assert api.profile(path) == BRUCE | body


@BODIES
@pytest.mark.parametrize(
    "condition", [OTHER, f'{OTHER}, "x", ""', "W/{tag}", f"W/{{tag}}, {OTHER}", '"any"', '"*"']
)
def test_other_and_weak_tags_do_not(
    api: ApiClient, path: str, body: dict[str, Any], condition: str
) -> None:
    named = condition.format(tag=tag_of(api, path))
    with unchanged(api, path):
        api.put(path, body, expect=412, If_Match=named)


@BODIES
@pytest.mark.parametrize("number", ["0", "2", "-1", "01", "+1", "1_0", "9" * 19, "9" * 5000, "²"])
def test_a_tag_with_a_forged_version_number_is_refused(
    api: ApiClient, path: str, body: dict[str, Any], number: str
) -> None:
    forged = tag_of(api, path).replace('"1-', f'"{number}-')
    with unchanged(api, path):
        api.put(path, body, expect=412, If_Match=forged)


@BODIES
def test_the_current_tag_in_another_spelling_is_refused(
    api: ApiClient, path: str, body: dict[str, Any]
) -> None:
    tag = tag_of(api, path)
    dashed = f'"1-{UUID(tag[3:35])}"'
    with unchanged(api, path):
        for spelled in (tag.upper(), dashed, tag.replace("-", "-{")):
            api.put(path, body, expect=412, If_Match=spelled)


@BODIES
def test_the_tag_of_another_profile_is_refused(
    api: ApiClient, path: str, body: dict[str, Any]
) -> None:
    foreign = tag_of(api, api.created(BRUCE))
    with unchanged(api, path):
        api.put(path, body, expect=412, If_Match=foreign)


@BODIES
@pytest.mark.parametrize("condition", ["*", OTHER, f'{OTHER}, "x"', f"W/{OTHER}"])
def test_if_match_on_an_unknown_id_is_not_found(
    api: ApiClient, body: dict[str, Any], condition: str
) -> None:
    api.put("/profiles/nobody", body, expect=404, If_Match=condition)
    api.delete("/profiles/nobody", expect=404, If_Match=condition)
    api.get("/profiles/nobody", expect=404)


@BODIES
def test_if_match_on_a_deleted_profile_is_not_found(
    api: ApiClient, path: str, body: dict[str, Any]
) -> None:
    tag = tag_of(api, path)
    api.delete(path)
    api.put(path, body, expect=404, If_Match=tag)
    api.get(path, expect=404)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE"])
@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize("condition", MALFORMED)
def test_a_header_that_is_no_list_of_tags_is_refused(
    api: ApiClient, path: str, method: str, header: str, condition: str
) -> None:
    to = "/profiles" if method == "POST" else path
    with unchanged(api, path):
        refused = api.send(method, to, {}, expect=400, **{header: condition})
    assert method == "HEAD" or set(api.faults(refused)) == {header}


@pytest.mark.parametrize("condition", [f"{OTHER},, {{tag}}", "{tag},", ",{tag}", "{tag} , ,"])
def test_empty_elements_of_a_list_are_ignored(api: ApiClient, path: str, condition: str) -> None:
    """RFC 9110, section 5.6.1.2: a recipient must ignore them."""
    api.put(path, AT_ONCE, If_Match=condition.format(tag=tag_of(api, path)))


def test_a_list_may_be_spread_over_several_headers(api: ApiClient, path: str) -> None:
    headers = [
        ("X-Genesys-TenantId", str(api.tenant)),
        ("If-Match", OTHER),
        ("If-Match", tag_of(api, path)),
    ]
    assert api.client.put(path, json=AT_ONCE, headers=headers).status_code == 200


@BODIES
def test_if_none_match_any_creates_an_unknown_profile_under_the_id_of_the_url(
    api: ApiClient, body: dict[str, Any]
) -> None:
    answer = api.put("/profiles/new", body, expect=201, If_None_Match="*")
    assert answer.json == {"customer_id": "new"}
    assert answer.headers["Location"] == "/profiles/new"
    assert answer.headers["ETag"] == tag_of(api, "/profiles/new")
    assert api.profile("/profiles/new") == body


@BODIES
def test_if_none_match_any_refuses_a_known_profile(
    api: ApiClient, path: str, body: dict[str, Any]
) -> None:
    with unchanged(api, path):
        api.put(path, body, expect=412, If_None_Match="*")


def test_if_none_match_any_creates_a_deleted_profile_anew(api: ApiClient, path: str) -> None:
    api.delete(path)
    answer = api.put(path, {"FirstName": "Betty"}, expect=201, If_None_Match="*")
    assert number_of(answer.headers["ETag"]) == 3
    assert api.profile(path) == {"FirstName": "Betty"}


def test_if_none_match_any_wants_the_id_of_the_url_in_the_body_too(api: ApiClient) -> None:
    api.put("/profiles/new", {"customer_id": "other"}, expect=400, If_None_Match="*")
    api.get("/profiles/new", expect=404)
    api.get("/profiles/other", expect=404)


def test_both_conditions_for_any_can_never_hold(api: ApiClient, path: str) -> None:
    with unchanged(api, path):
        api.put(path, {}, expect=412, If_Match="*", If_None_Match="*")
    api.put("/profiles/new", {}, expect=412, If_Match="*", If_None_Match="*")
    api.get("/profiles/new", expect=404)


@BODIES
@pytest.mark.parametrize("condition", ["{tag}", "W/{tag}", f"{OTHER}, {{tag}}"])
def test_if_none_match_with_the_current_tag_refuses_a_write(
    api: ApiClient, path: str, body: dict[str, Any], condition: str
) -> None:
    named = condition.format(tag=tag_of(api, path))
    with unchanged(api, path):
        api.put(path, body, expect=412, If_None_Match=named)
        api.delete(path, expect=412, If_None_Match=named)


@BODIES
def test_if_none_match_with_another_tag_lets_an_update_through(
    api: ApiClient, path: str, body: dict[str, Any]
) -> None:
    api.put(path, body, If_None_Match=OTHER)
    assert api.profile(path) == BRUCE | body


def test_if_none_match_with_a_tag_does_not_create(api: ApiClient) -> None:
    api.put("/profiles/nobody", {}, expect=404, If_None_Match=OTHER)
    api.get("/profiles/nobody", expect=404)


@pytest.mark.parametrize("condition", ["{tag}", "*", f"{OTHER}, {{tag}}"])
def test_a_delete_of_the_current_version_goes_through(
    api: ApiClient, path: str, condition: str
) -> None:
    api.delete(path, If_Match=condition.format(tag=tag_of(api, path)))
    api.get(path, expect=404)


@pytest.mark.parametrize("condition", [OTHER, "W/{tag}"])
def test_a_delete_of_another_version_is_refused(api: ApiClient, path: str, condition: str) -> None:
    named = condition.format(tag=tag_of(api, path))
    with unchanged(api, path):
        api.delete(path, expect=412, If_Match=named)
        api.delete(path, expect=412, If_None_Match="*")

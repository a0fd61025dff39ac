"""Changes whose request or answer is lost on the way: the client hears what became of them."""

import struct
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from app.dao.base import Dao
from app.factory import create_app
from app.settings import Settings
from tests.api.conftest import tag_of
from tests.faults.calls import (
    BRUCE,
    CALLS,
    NOW,
    PUT,
    PUT_BY_TAG,
    Call,
    every,
    operations,
    versions,
)
from tests.faults.conftest import DEFINITION, come_back
from tests.faults.frames import LOCAL_SERIAL, Request, error
from tests.faults.proxy import Arrives, Fault, Proxy, Then
from tests.support.client import ApiClient
from tests.support.server import wait_until

LEVEL, NODES, CAS = struct.pack(">H", LOCAL_SERIAL), struct.pack(">ii", 1, 1), b"\0\3CAS"
ERRORS = {
    "server error": error(0x0000),
    "unavailable": error(0x1000, LEVEL, NODES),
    "overloaded": error(0x1001),
    "write timeout": error(0x1100, LEVEL, NODES, CAS, b"\0\1"),
    "read timeout": error(0x1200, LEVEL, NODES, b"\0"),
    "read failure": error(0x1300, LEVEL, NODES, struct.pack(">i", 0), b"\0"),
    "write failure": error(0x1500, LEVEL, NODES, struct.pack(">i", 0), CAS),
    "unknown write": error(0x1700, LEVEL, NODES),
}
INVALID = error(0x2200)
HULK = {"customer_id": "hulk", "LastName": "Hulk", "Mail": ["hulk@x.com"]}
MERGING = ("merging ", '"origins"', "alias ")
"""What tells the batches of a merge from each other, in their order."""

Background = Callable[..., Future[Any]]


@pytest.fixture
def bruce(api: ApiClient) -> None:
    api.created({"customer_id": "bruce", **NOW})


@pytest.fixture
def background() -> Iterator[Background]:
    """Runs what is given, until the end of the test."""
    with ThreadPoolExecutor() as pool:
        yield pool.submit


def batch(request: Request) -> bool:
    return request.is_write_of_profile


def settling(request: Request) -> bool:
    return request.is_serial_read


def lost(how: Arrives) -> Fault:
    """The batch of a change, whose connection ends."""
    return Fault(batch, how, Then.RESET)


@every(CALLS)
@pytest.mark.parametrize("how", [Arrives.NOW, Arrives.NEVER])
@pytest.mark.usefixtures("bruce")
def test_a_change_whose_connection_is_lost_is_made_once(
    api: ApiClient, proxied: Dao, proxy: Proxy, call: Call, how: Arrives
) -> None:
    fault = proxy.meet(lost(how))
    call.send(api)
    assert fault.met == 1
    assert versions(proxied, api, call.customer_id) == call.versions


@pytest.mark.parametrize(
    "fault",
    [
        Fault(batch, Arrives.NOW, Then.CLOSE),
        Fault(batch, Arrives.NOW, Then.ANSWER, delay=1),
        Fault(batch, Arrives.NOW, Then.ANSWER, delay=5),
        Fault(batch, Arrives.NEVER, Then.SILENCE),
    ],
    ids=["closed", "slow", "too late", "never"],
)
@pytest.mark.usefixtures("bruce")
def test_a_change_whose_answer_does_not_come_is_made_once(
    api: ApiClient, proxied: Dao, proxy: Proxy, fault: Fault
) -> None:
    proxy.meet(fault)
    told = PUT.send(api)
    assert told.headers["ETag"] == tag_of(api, BRUCE)
    assert fault.met == 1
    assert versions(proxied, api) == (2, 1)


@pytest.mark.parametrize("how", [Arrives.NOW, Arrives.NEVER])
@pytest.mark.parametrize("said", ERRORS.values(), ids=ERRORS)
@pytest.mark.usefixtures("bruce")
def test_no_error_of_a_node_is_taken_for_an_answer(
    api: ApiClient, proxied: Dao, proxy: Proxy, said: bytes, how: Arrives
) -> None:
    fault = proxy.meet(Fault(batch, how, Then.ANSWER, instead=said))
    PUT_BY_TAG.send(api)
    assert fault.met == 1
    assert versions(proxied, api) == (2, 1)


@pytest.mark.usefixtures("bruce")
def test_what_the_node_finds_invalid_is_not_made(
    api: ApiClient, proxied: Dao, proxy: Proxy
) -> None:
    proxy.meet(Fault(batch, Arrives.NEVER, Then.ANSWER, instead=INVALID))
    refused: Any = PUT.send(api, 503)
    assert refused.json["code"] == "store_unavailable"
    assert versions(proxied, api) == (1,)


@pytest.mark.usefixtures("bruce")
def test_a_change_that_arrives_after_its_repeat_is_not_made_again(
    api: ApiClient, proxied: Dao, proxy: Proxy
) -> None:
    fault = proxy.meet(lost(Arrives.LATE))
    PUT.send(api)
    after = tag_of(api, BRUCE)
    proxy.deliver(fault)
    assert tag_of(api, BRUCE) == after
    assert versions(proxied, api) == (2, 1)


@pytest.mark.usefixtures("bruce")
def test_a_change_that_arrives_before_it_is_asked_for_is_made_once(
    api: ApiClient, proxied: Dao, proxy: Proxy, background: Background
) -> None:
    sent, asked = with_held_question(proxy, lost(Arrives.LATE))
    told = background(PUT.send, api)
    wait_until(lambda: asked.met)
    proxy.deliver(sent)
    proxy.deliver(asked)
    assert told.result().headers["ETag"] == tag_of(api, BRUCE)
    assert versions(proxied, api) == (2, 1)


@every({"put": PUT, "put by tag": PUT_BY_TAG})
@pytest.mark.usefixtures("bruce")
def test_a_change_that_another_came_before_is_worked_out_anew_or_refused(
    api: ApiClient, proxied: Dao, proxy: Proxy, background: Background, call: Call
) -> None:
    sent, asked = with_held_question(proxy, lost(Arrives.LATE))
    told = background(call.send, api, 412 if call.tagged else 200)
    wait_until(lambda: asked.met)
    api.put(BRUCE, NOW | {"LastName": "Other"})
    proxy.deliver(asked)
    told.result()
    proxy.deliver(sent)
    assert api.profile(BRUCE)["LastName"] == ("Other" if call.tagged else "Banner")
    assert versions(proxied, api) == ((2, 1) if call.tagged else (3, 2, 1))


@pytest.mark.usefixtures("bruce")
def test_a_change_that_was_made_and_changed_before_its_repeat_is_told_as_made(
    api: ApiClient, proxied: Dao, proxy: Proxy, background: Background
) -> None:
    first = proxy.meet(Fault(batch, Arrives.LATE, Then.RESET))
    second = proxy.meet(Fault(batch, Arrives.LATE, Then.SILENCE))
    told = background(PUT.send, api)
    wait_until(lambda: second.met)
    proxy.deliver(first)
    api.put(BRUCE, NOW | {"LastName": "Other"})
    proxy.deliver(second)
    assert told.result().headers["ETag"].startswith('"2-')
    assert api.profile(BRUCE)["LastName"] == "Other"
    assert versions(proxied, api) == (3, 2, 1)


def test_without_history_a_change_that_another_came_after_or_before_is_unknown(
    settings: Settings, proxied: Dao, proxy: Proxy, background: Background
) -> None:
    app = create_app(replace(settings, definition=DEFINITION, history_days=0), proxied)
    api = ApiClient(app.test_client(), 7)
    api.put(BRUCE, NOW, expect=201, If_None_Match="*")
    _, asked = with_held_question(proxy, lost(Arrives.NOW))
    told = background(PUT.send, api, 503)
    wait_until(lambda: asked.met)
    api.put(BRUCE, NOW | {"LastName": "Other"})
    proxy.deliver(asked)
    is_unknown(told.result())


@pytest.mark.usefixtures("bruce")
def test_a_change_is_unknown_at_once_where_too_few_nodes_are_there_to_ask(
    api: ApiClient, proxy: Proxy
) -> None:
    away = ERRORS["unavailable"]
    proxy.meet(Fault(batch, Arrives.NEVER, Then.ANSWER, instead=away))
    asked = Fault(settling, Arrives.NEVER, Then.ANSWER, instead=away, times=9)
    proxy.meet(asked)
    is_unknown(PUT.send(api, 503))
    assert asked.met == 1


@pytest.mark.parametrize("how", Arrives)
@pytest.mark.usefixtures("bruce", "impatient")
def test_what_cannot_be_asked_is_unknown_and_its_repeat_by_tag_is_safe(
    api: ApiClient, proxied: Dao, proxy: Proxy, how: Arrives
) -> None:
    tag = tag_of(api, BRUCE)
    fault = proxy.meet(Fault(batch, how, Then.CUT))
    is_unknown(PUT.send(api, 503, If_Match=tag))
    come_back(proxied, proxy)
    if how is Arrives.NEVER:
        PUT.send(api, If_Match=tag)
    else:
        proxy.deliver(fault)
        PUT.send(api, 412, If_Match=tag)
    assert versions(proxied, api) == (2, 1)


@every(CALLS)
@pytest.mark.parametrize("how", Arrives)
@pytest.mark.usefixtures("bruce", "impatient")
def test_what_cannot_be_asked_is_unknown_and_its_repeat_by_key_makes_it_once(
    api: ApiClient, proxied: Dao, proxy: Proxy, call: Call, how: Arrives
) -> None:
    call = replace(call, headers=call.headers | {"Idempotency_Key": "once"})
    fault = proxy.meet(Fault(batch, how, Then.CUT))
    is_unknown(call.send(api, 503))
    come_back(proxied, proxy)
    told = call.send(api)
    proxy.deliver(fault)
    assert call.send(api).headers.get("ETag") == told.headers.get("ETag")
    assert versions(proxied, api, call.customer_id) == call.versions


@pytest.mark.parametrize("how", Arrives)
@pytest.mark.parametrize("step", MERGING)
@pytest.mark.usefixtures("bruce", "impatient")
def test_a_merge_that_is_unknown_is_made_once_by_its_repeat(
    api: ApiClient, proxied: Dao, proxy: Proxy, step: str, how: Arrives
) -> None:
    api.created(HULK)
    fault = proxy.meet(Fault(lambda each: batch(each) and each.binds(step), how, Then.CUT))
    merge = Call("PUT", f"{BRUCE}/merge/hulk", headers={"Idempotency_Key": "once"})
    first = merge.send(api, 204 if step == MERGING[-1] else 503)
    come_back(proxied, proxy)
    again = merge.send(api, 204)
    proxy.deliver(fault)
    assert again.headers["ETag"] == first.headers.get("ETag", tag_of(api, BRUCE))
    assert operations(api, BRUCE) == ["merge", "create"]
    assert api.get("/profiles?Mail=hulk@x.com").json == [{"customer_id": "bruce"}]


@pytest.mark.parametrize("how", [Arrives.NOW, Arrives.NEVER])
@pytest.mark.parametrize("step", MERGING)
@pytest.mark.usefixtures("bruce")
def test_each_step_of_a_merge_is_made_once(
    api: ApiClient, proxied: Dao, proxy: Proxy, step: str, how: Arrives
) -> None:
    api.created(HULK)
    at = proxy.meet(Fault(lambda each: batch(each) and each.binds(step), how, Then.RESET))
    api.send("PUT", f"{BRUCE}/merge/hulk", expect=204)
    assert at.met == 1
    assert operations(api, BRUCE) == ["merge", "create"]
    assert api.get("/profiles/hulk").headers["Content-Location"] == BRUCE
    assert api.get("/profiles?Mail=hulk@x.com").json == [{"customer_id": "bruce"}]


@pytest.mark.parametrize("how", [Arrives.NOW, Arrives.NEVER])
@pytest.mark.usefixtures("bruce")
def test_a_merge_hands_on_unique_values_whatever_is_lost(
    api: ApiClient, proxy: Proxy, how: Arrives
) -> None:
    api.created({"customer_id": "hulk", "LastName": "Hulk", "Login": "hulk"})
    api.put(BRUCE, {"FirstName": "Bruce"})
    at = proxy.meet(Fault(lambda each: ":heir" in each.cql, how, Then.RESET))
    api.send("PUT", f"{BRUCE}/merge/hulk", expect=204)
    assert at.met == 1
    api.post({"Login": "hulk"}, expect=409)
    api.put(BRUCE, {"FirstName": "Bruce"})
    api.post({"Login": "hulk"})


@pytest.mark.parametrize("how", Arrives)
@pytest.mark.usefixtures("bruce")
def test_a_unique_value_whose_claim_is_lost_is_taken_once(
    api: ApiClient, proxied: Dao, proxy: Proxy, how: Arrives
) -> None:
    at = proxy.meet(Fault(lambda each: each.says("INTO identity_claim"), how, Then.RESET))
    api.put(BRUCE, NOW | {"Login": "hulk"})
    assert at.met == 1
    proxy.deliver(at)
    assert versions(proxied, api) == (2, 1)
    api.post({"Login": "hulk"}, expect=409)
    api.post({"Login": "bruce"})


@pytest.mark.usefixtures("bruce")
def test_a_claim_that_comes_after_its_value_was_given_up_keeps_nobody_from_it(
    api: ApiClient, proxy: Proxy
) -> None:
    at = proxy.meet(Fault(lambda each: each.says("INTO identity_claim"), Arrives.LATE, Then.RESET))
    api.put(BRUCE, NOW | {"Login": "hulk"})
    api.put(BRUCE, NOW)
    proxy.deliver(at)
    api.post({"Login": "hulk"})


@pytest.mark.parametrize("how", [Arrives.NOW, Arrives.NEVER])
@pytest.mark.usefixtures("bruce")
def test_a_claim_that_could_not_be_given_up_keeps_nobody_from_the_value(
    api: ApiClient, proxied: Dao, proxy: Proxy, how: Arrives
) -> None:
    at = proxy.meet(Fault(lambda each: each.says("DELETE FROM identity_claim"), how, Then.RESET))
    api.put(BRUCE, NOW | {"Login": "hulk"})
    assert at.met == 1
    come_back(proxied, proxy)
    api.post({"Login": "bruce"})


@pytest.mark.parametrize("how", [Arrives.NOW, Arrives.NEVER])
@pytest.mark.usefixtures("bruce")
def test_a_change_whose_entries_are_lost_is_not_made(
    api: ApiClient, proxied: Dao, proxy: Proxy, how: Arrives
) -> None:
    at = proxy.meet(Fault(lambda each: each.says("INTO identity "), how, Then.RESET))
    refused: Any = api.put(BRUCE, NOW | {"Mail": "hulk@x.com"}, expect=503)
    assert refused.json["code"] == "store_unavailable"
    assert at.met == 1
    come_back(proxied, proxy)
    assert api.get("/profiles?Mail=hulk@x.com").json == []
    assert versions(proxied, api) == (1,)


def with_held_question(proxy: Proxy, fault: Fault) -> tuple[Fault, Fault]:
    """``fault``, and the first question for what became of it, which waits."""
    asked = Fault(settling, Arrives.LATE, Then.SILENCE)
    return proxy.meet(fault), proxy.meet(asked)


def is_unknown(refused: Any) -> None:
    assert refused.json["code"] == "outcome_unknown"
    assert int(refused.headers["Retry-After"]) > 0

"""Rules for whole profiles: create, query, update, patch, delete, merge."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.oracle.answers import Answer, Condition, Order
from tests.oracle.comparison import PATCH_TYPES, check, profile_path, value_of
from tests.oracle.domain import (
    ASKS,
    CONDITIONS,
    CORE_DRAFTS,
    IDS,
    TENANTS,
    WHOLE,
    WHOLE_DRAFTS,
    Ask,
    Draft,
)
from tests.oracle.patch_domain import ASKED, JSON_PATCHES, MERGE_PATCHES, NO_OBJECTS
from tests.oracle.world import World

REPRESENTATION = "return=representation"
GOOD_MERGES: list[Any] = [
    None,
    None,
    {},
    {"force_merge": True},
    {"force_merge": "true", "agent_id": "7", "reason": "twin", "description": "same mail"},
    {"force_merge": False},
    {"keep_uniq_from_src": True},
    {"keep_uniq_from_src": False},
    {"keep_uniq_from_src": "false", "agent_id": "8"},
]
BAD_MERGES = [{"keep_uniq_from_src": True, "force_merge": True}, {"nonsense": 1}]
MERGES = st.sampled_from(GOOD_MERGES + BAD_MERGES)
PAIRS = st.sampled_from(["ab", "ba", "bc", "ca", "ac"])


class ProfileRules(World):
    """What clients do with profiles as a whole."""

    def order(self, t: int, customer_id: str, ask: Ask) -> tuple[Any, Order]:
        """The headers of a write, and what they mean."""
        text, condition = self.condition(t, customer_id, ask.kind)
        headers = {"If_Match": text} if ask.kind else {}
        if ask.whole:
            headers["Prefer"] = REPRESENTATION
        return headers, Order(condition if ask.kind else Condition(), ask.whole)

    @rule(t=TENANTS, draft=WHOLE_DRAFTS, name=st.sampled_from(["a", "b", "c", "~d.", None, None]))
    def create(self, t: int, draft: Draft, name: str | None) -> None:
        body = self.body(t, draft)
        if name is not None:
            body = {"customer_id": name} | body
        self.create_by(t, body, Ask())

    @rule(t=TENANTS, draft=CORE_DRAFTS, ask=ASKS)
    def create_whole(self, t: int, draft: Draft, ask: Ask) -> None:
        self.create_by(t, self.body(t, draft), ask)

    def create_by(self, t: int, body: Any, ask: Ask) -> None:
        headers, order = self.order(t, "none", ask)
        response = self.send(t, "POST", "/profiles", body, **headers)
        first = self.first(response)
        expected = self.models[t].create(body, first, order)
        if response.status_code == 201 and "customer_id" not in body:
            assert len(first.customer_id) == 16
            self.made[t] = first.customer_id
        self.judge(t, first.customer_id, response, expected, "create")

    @rule(t=TENANTS, who=IDS, draft=WHOLE_DRAFTS, whole=WHOLE)
    def create_at(self, t: int, who: str, draft: Draft, whole: bool) -> None:
        customer_id, body = self.resolve(t, who), self.body(t, draft)
        headers, order = self.order(t, customer_id, Ask("", whole))
        path = profile_path(customer_id)
        response = self.send(t, "PUT", path, body, If_None_Match="*", **headers)
        first = self.first(response)
        expected = self.models[t].create_at(customer_id, body, first, order)
        self.judge(t, customer_id, response, expected, "create_at")

    @rule(t=TENANTS, who=IDS, extensions=ASKED, kind=CONDITIONS, none_kind=CONDITIONS)
    def query(self, t: int, who: str, extensions: str | None, kind: str, none_kind: str) -> None:
        customer_id = self.resolve(t, who)
        if self.models[t].definition.building:  # which changes the definition when it is done
            none_kind = ""
        if none_kind:
            self.look_again(t, customer_id)
        text, match = self.condition(t, customer_id, kind)
        none_text, none_match = self.condition(t, customer_id, none_kind)
        if none_kind == "weak":  # If-None-Match compares weakly
            none_match = self.condition(t, customer_id, "right")[1]
        headers = {"If_Match": text} if kind else {}
        headers |= {"If_None_Match": none_text} if none_kind else {}
        condition = Condition(
            match.match if kind else None,
            none_match.match if none_kind else None,
            weak=match.weak and bool(kind),
        )
        path = profile_path(customer_id, extensions=extensions)
        response = self.send(t, "GET", path, **headers)
        expected = self.models[t].query(customer_id, extensions, condition)
        self.judge(t, customer_id, response, expected, "query")

    @rule(t=TENANTS, who=IDS, draft=CORE_DRAFTS, ask=ASKS)
    def update_core(self, t: int, who: str, draft: Draft, ask: Ask) -> None:
        self.update(t, who, self.body(t, draft), ask)

    @rule(t=TENANTS, who=IDS, draft=WHOLE_DRAFTS, ask=ASKS)
    def update_all(self, t: int, who: str, draft: Draft, ask: Ask) -> None:
        self.update(t, who, self.body(t, draft), ask)

    @rule(t=TENANTS, who=IDS, kind=st.sampled_from(["only", "stale"]), draft=CORE_DRAFTS)
    def update_this_version(self, t: int, who: str, kind: str, draft: Draft) -> None:
        self.update(t, who, self.body(t, draft), Ask(kind))

    @rule(t=TENANTS, who=IDS)
    def put_back(self, t: int, who: str) -> None:
        """What GET returned is PUT as it is."""
        customer_id = self.resolve(t, who)
        path = profile_path(customer_id, extensions="*")
        response = self.send(t, "GET", path)
        check(response, self.models[t].query(customer_id, "*"))
        if response.status_code == 200:
            body = value_of(response)
            self.update(t, body["customer_id"], body, Ask("right", whole=True))

    def update(self, t: int, who: str, body: Any, ask: Ask) -> None:
        customer_id = self.resolve(t, who)
        headers, order = self.order(t, customer_id, ask)
        response = self.send(t, "PUT", profile_path(customer_id), body, **headers)
        expected = self.models[t].update(customer_id, body, order)
        self.judge(t, customer_id, response, expected, "update")

    @rule(t=TENANTS, who=IDS, draft=MERGE_PATCHES, ask=ASKS)
    def merge_patch(self, t: int, who: str, draft: Draft, ask: Ask) -> None:
        self.patch(t, who, "merge", self.body(t, draft), ask)

    @rule(t=TENANTS, who=IDS, patch=NO_OBJECTS)
    def merge_patch_without_object(self, t: int, who: str, patch: Any) -> None:
        self.patch(t, who, "merge", patch, Ask())

    @rule(t=TENANTS, who=IDS, patch=JSON_PATCHES, ask=ASKS)
    def json_patch(self, t: int, who: str, patch: Any, ask: Ask) -> None:
        self.patch(t, who, "json", patch, ask)

    def patch(self, t: int, who: str, dialect: str, patch: Any, ask: Ask) -> None:
        customer_id = self.resolve(t, who)
        headers, order = self.order(t, customer_id, ask)
        headers["Content_Type"] = PATCH_TYPES[dialect]
        response = self.send(t, "PATCH", profile_path(customer_id), patch, **headers)
        expected = self.models[t].patch(customer_id, dialect, patch, order)
        self.judge(t, customer_id, response, expected, f"{dialect}_patch")

    @rule(t=TENANTS, who=IDS, kind=CONDITIONS)
    def delete(self, t: int, who: str, kind: str) -> None:
        customer_id = self.resolve(t, who)
        headers, order = self.order(t, customer_id, Ask(kind))
        response = self.send(t, "DELETE", profile_path(customer_id), **headers)
        expected = self.models[t].delete(customer_id, order.condition)
        self.judge(t, customer_id, response, expected, "delete")

    @rule(t=TENANTS, who=IDS, source=IDS, body=MERGES, kind=CONDITIONS)
    def merge(self, t: int, who: str, source: str, body: Any, kind: str) -> None:
        customer_id, source_id = self.resolve(t, who), self.resolve(t, source)
        headers, order = self.order(t, customer_id, Ask(kind))
        path = profile_path(customer_id, "merge", source_id)
        response = self.send(t, "PUT", path, body, **headers)
        expected: Answer = self.models[t].merge(customer_id, source_id, body, order.condition)
        self.judge(t, customer_id, response, expected, "merge")

    @rule(t=TENANTS, pair=PAIRS, body=st.sampled_from(GOOD_MERGES))
    def merge_two(self, t: int, pair: str, body: Any) -> None:
        self.merge(t, pair[0] + "!", pair[1] + "!", body, "")

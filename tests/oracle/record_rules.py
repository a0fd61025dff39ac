"""Rules for the records of extensions."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.oracle.answers import Condition
from tests.oracle.comparison import check, profile_path, value_of
from tests.oracle.domain import (
    ASKS,
    CONDITIONS,
    IDS,
    PHONE,
    PHONE_RECORD,
    PLACES,
    RECORDS,
    RECORDS_DRAFTS,
    TENANTS,
    Ask,
    Draft,
    maybe,
    optional,
    weighted,
)
from tests.oracle.profile_rules import ProfileRules

NAMES = st.sampled_from(
    ["Phone", "phone", "Address", "ADDRESS", "Vip", "Phone", "Ticket", "Note", "Nonsense"]
)
WITH_UNIQUE = st.sampled_from(["Phone"] * 8 + ["phone", "Address", "Nonsense"])
REPLACEMENTS = weighted(
    (8, st.one_of(*[st.tuples(st.just(name), each) for name, each in RECORDS.items()])),
    (2, st.tuples(st.sampled_from(["phone", "Phone", "Nonsense"]), RECORDS["Phone"])),
    (1, st.tuples(NAMES, st.sampled_from([5, [5], {"X": 1}, [{"PhoneNumber": "1", "X": 1}, {}]]))),
).filter(lambda pair: pair[1] is not None)
SELECTIONS = weighted(
    (5, PHONE_RECORD),
    (2, st.builds(lambda number: {"PhoneNumber": number}, PHONE)),
    (2, st.builds(lambda number: {"PhoneNumber": number, "PhoneType": None}, PHONE)),
    (
        2,
        st.sampled_from(
            [
                {"PhoneNumber": "1", "prefix": "0049", "PhoneType": "x"},
                {"PhoneNumber": "9"},
                {"PhoneNumber": None},
                {"PhoneNumber": 1},
                [],
            ]
        ),
    ),
)


CHANGES = optional(
    PhoneType=maybe(st.integers(0, 1)), description=maybe(st.just("home")), prefix=st.just("0")
)


class RecordRules(ProfileRules):
    """What clients do with extension records."""

    @rule(t=TENANTS, who=IDS, draft=RECORDS_DRAFTS, ask=ASKS)
    def insert(self, t: int, who: str, draft: Draft, ask: Ask) -> None:
        customer_id, body = self.resolve(t, who), self.body(t, draft)
        headers, order = self.order(t, customer_id, ask)
        path = profile_path(customer_id, "extensions")
        response = self.send(t, "POST", path, body, **headers)
        expected = self.models[t].insert(customer_id, body, order)
        self.judge(t, customer_id, response, expected, "insert")

    @rule(t=TENANTS, who=IDS, name=NAMES, kind=CONDITIONS)
    def read_extension(self, t: int, who: str, name: str, kind: str) -> None:
        customer_id = self.resolve(t, who)
        headers, order = self.order(t, customer_id, Ask(kind))
        path = profile_path(customer_id, "extensions", name)
        response = self.send(t, "GET", path, **headers)
        expected = self.models[t].read_extension(customer_id, name, order.condition)
        self.judge(t, customer_id, response, expected, "read_extension")

    @rule(t=TENANTS, who=IDS, name=st.sampled_from(["Phone", "Ticket"]), limit=st.integers(1, 2))
    def read_extension_by_pages(self, t: int, who: str, name: str, limit: int) -> None:
        customer_id = self.resolve(t, who)
        expected = self.models[t].read_extension(customer_id, name, Condition())
        path = profile_path(customer_id, "extensions", name, limit=limit)
        pages = list(self.service.pages(self.tenants[t], path))
        self.count(f"pages {len(pages)}")
        if expected.status != 200:
            check(pages[0], expected)
            return
        told = [value_of(page) for page in pages]
        assert all(len(page) == limit for page in told[:-1])
        assert [record for page in told for record in page] == expected.body
        assert len(pages) == max(1, -(-len(expected.body) // limit))

    @rule(t=TENANTS, who=IDS, given=REPLACEMENTS, ask=ASKS)
    def replace_extension(self, t: int, who: str, given: tuple[str, Any], ask: Ask) -> None:
        customer_id, (name, body) = self.resolve(t, who), given
        headers, order = self.order(t, customer_id, ask)
        path = profile_path(customer_id, "extensions", name)
        response = self.send(t, "PUT", path, body, **headers)
        expected = self.models[t].replace_extension(customer_id, name, body, order)
        self.judge(t, customer_id, response, expected, "replace_extension")

    @rule(t=TENANTS, who=IDS, name=NAMES, kind=CONDITIONS)
    def remove_extension(self, t: int, who: str, name: str, kind: str) -> None:
        customer_id = self.resolve(t, who)
        headers, order = self.order(t, customer_id, Ask(kind))
        path = profile_path(customer_id, "extensions", name)
        response = self.send(t, "DELETE", path, **headers)
        expected = self.models[t].remove_extension(customer_id, name, order)
        self.judge(t, customer_id, response, expected, "remove_extension")

    @rule(t=TENANTS, who=IDS, name=WITH_UNIQUE, body=SELECTIONS, kind=CONDITIONS)
    def update_record(self, t: int, who: str, name: str, body: Any, kind: str) -> None:
        customer_id = self.resolve(t, who)
        headers, order = self.order(t, customer_id, Ask(kind))
        path = profile_path(customer_id, "extensions", name, "by", "unique")
        response = self.send(t, "PUT", path, body, **headers)
        expected = self.models[t].update_record(customer_id, name, body, order)
        self.judge(t, customer_id, response, expected, "update_record")

    @rule(t=TENANTS, who=IDS, name=WITH_UNIQUE, body=SELECTIONS, kind=CONDITIONS)
    def delete_record(self, t: int, who: str, name: str, body: Any, kind: str) -> None:
        customer_id = self.resolve(t, who)
        headers, order = self.order(t, customer_id, Ask(kind))
        path = profile_path(customer_id, "extensions", name, "delete", "by", "unique")
        response = self.send(t, "PUT", path, body, **headers)
        expected = self.models[t].delete_record(customer_id, name, body, order)
        self.judge(t, customer_id, response, expected, "delete_record")

    @rule(t=TENANTS, place=PLACES, changes=CHANGES, delete=st.booleans())
    def change_stored_record(
        self, t: int, place: int, changes: dict[str, Any], delete: bool
    ) -> None:
        """One of those there are."""
        held = [
            (customer_id, {"PhoneNumber": record["PhoneNumber"]})
            for customer_id, life in sorted(self.models[t].lives.items())
            for record in life.records.get("Phone", [])
            if "PhoneNumber" in record
        ]
        if held:
            customer_id, unique = held[place % len(held)]
            change = self.delete_record if delete else self.update_record
            change(t, customer_id, "Phone", unique | changes, "")

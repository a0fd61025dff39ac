"""Small sets of values, so that profiles collide, are found and are merged often."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.oracle.definition import Part

Strategy = st.SearchStrategy[Any]

NEW = "new"
"""Stands for the id that the service made last."""

TENANTS = st.sampled_from([0, 0, 0, 0, 1])
IDS = st.sampled_from(["a!", "b!", "c!"] * 3 + ["a", "b", "c", "~d.", "~d.", NEW, NEW])
"""With a ``!`` a profile is created first where there is none."""
CONDITIONS = st.sampled_from([""] * 12 + ["right", "right", "stale", "*", "weak", "foreign"])
PLACES = st.integers(0, 20)
"""Which one of some that are there."""
ALWAYS = st.just(True)  # noqa: FBT003
WHOLE = st.sampled_from([False, False, True])

FIRST = st.sampled_from(["Ann", "Ann", "Bo"])
LAST = st.sampled_from(["Li", "Li", "Ng", "li"])
TITLE = st.sampled_from(["Dr", "DR", "Ms"])
AGENT = st.sampled_from(["7", "8", "9"])
BIRTH = st.sampled_from(["1962-05-10", "2000-02-29"])
PHONE = st.sampled_from(["1", "1", "2", "2", "3"])
MAIL = st.sampled_from(["a@x", "a@x", "A@x", "b@x"])
CITY = st.sampled_from(["Rom", "Köln"])
MOMENT = st.sampled_from(
    [
        "2020-01-01T10:00:00Z",
        "2020-01-01T11:00:00+01:00",
        "2020-01-01T08:00",
        "2020-01-01T10:00:00.5Z",
    ]
)
FEE = st.sampled_from([5, "5.0", "5.00", "0.10", 0.25])

SCORE: Part = {"name": "Score", "type": "integer"}
PLAN: Part = {"name": "Plan", "type": "string", "default": "basic"}
TAGS: Part = {"name": "Tags", "type": "string", "multi_valued": True}
ATTRIBUTES = st.sampled_from([SCORE, PLAN, TAGS])

TICKET: Part = {
    "name": "Ticket",
    "type": "multi-valued",
    "attributes": [
        {"name": "Number", "type": "long"},
        {"name": "Fee", "type": "currency"},
        {"name": "Open", "type": "boolean", "default": True},
    ],
}
NOTE: Part = {
    "name": "Note",
    "type": "single-valued",
    "attributes": [
        {"name": "Text", "type": "string", "length": 8, "mandatory": True},
        {"name": "Day", "type": "date"},
    ],
}
LABELS: Part = {"name": "Labels", "type": "string", "multi_valued": True}
EXTENSIONS = st.sampled_from([TICKET, NOTE, TICKET, {**TICKET, "name": "phone"}])

KEYS: list[Part] = [
    {"name": "score", "source": "profile", "attributes": ["Score", "Title"], "unique": False},
    {"name": "fee", "source": "Ticket", "attributes": ["ext.Fee", "ext.Open"], "unique": False},
    {"name": "city", "source": "Address", "attributes": ["ext.City"], "unique": False},
    {"name": "Email", "source": "profile", "attributes": ["Title"], "unique": False},
    {"name": "first", "source": "profile", "attributes": ["FirstName"], "unique": False},
]


def weighted(*choices: tuple[int, Strategy]) -> Strategy:
    """One of several strategies, each as often as its number says."""
    pool = [strategy for weight, strategy in choices for _ in range(weight)]
    return st.integers(0, len(pool) - 1).flatmap(lambda place: pool[place])


def one_or_many(value: Strategy) -> Strategy:
    return st.one_of(value, st.lists(value, max_size=3))


def optional(**members: Strategy) -> Strategy:
    return st.fixed_dictionaries({}, optional=members)


def maybe(value: Strategy) -> Strategy:
    """A value, or null now and then."""
    return weighted((4, value), (1, st.none()))


CORE = st.fixed_dictionaries(
    {"PhoneNumber": maybe(one_or_many(PHONE))},
    optional={
        "FirstName": maybe(FIRST),
        "LastName": LAST,
        "DOB": BIRTH,
        "EmailAddress": maybe(one_or_many(MAIL)),
        "Title": TITLE,
        "LastCalledAgent_TimeStamp": MOMENT,
        "Score": st.integers(5, 6),
        "Plan": st.sampled_from(["basic", "gold"]),
        "Tags": one_or_many(st.sampled_from(["x", "y"])),
    },
)
WITH_AGENT = st.builds(
    lambda core, agent: {**core, **agent},
    CORE,
    weighted((3, st.just({})), (1, st.fixed_dictionaries({"PreferredAgent_EmployeeID": AGENT}))),
)

PHONE_RECORD = weighted(
    (
        4,
        st.fixed_dictionaries(
            {"PhoneNumber": PHONE},
            optional={"PhoneType": maybe(st.integers(0, 1)), "start_availability": MOMENT},
        ),
    ),
    (1, optional(PhoneType=st.integers(0, 1), prefix=maybe(st.just("00")))),
)
ADDRESS_RECORD = optional(City=maybe(CITY), Type=st.integers(1, 2))
TICKET_RECORD = optional(
    Number=st.integers(1, 2), Fee=FEE, Open=maybe(st.booleans()), Labels=one_or_many(PHONE)
)
NOTE_RECORD = st.fixed_dictionaries({"Text": CITY}, optional={"Day": BIRTH})
NOTHING: Strategy = st.sampled_from([None, [], {}])

PHONE_RECORDS = st.lists(PHONE_RECORD, max_size=3, unique_by=lambda each: each.get("PhoneNumber"))
RECORDS: dict[str, Strategy] = {
    "Address": weighted((4, ADDRESS_RECORD), (1, NOTHING)),
    "Phone": weighted(
        (2, PHONE_RECORD),
        (5, PHONE_RECORDS),
        (1, st.lists(PHONE_RECORD, max_size=2)),
        (1, NOTHING),
    ),
    "Vip": st.sampled_from([{}, {}, None, []]),
    "Ticket": st.one_of(TICKET_RECORD, st.lists(TICKET_RECORD, max_size=2)),
    "Note": NOTE_RECORD,
}
ANY_RECORDS = optional(**RECORDS)

FAULTS: list[Part] = [
    {"Nonsense": 1},
    {"DOB": "1962-13-01", "Title": 5},
    {"PhoneNumber": ["1", 2, None]},
    {"FirstName": ["Ann"], "firstName": "Ann"},
    {"customer_id": "else"},
    {"customer_id": "not an id"},
    {"Phone": [{"PhoneNumber": 1}, {"X": 1}, 5]},
    {"Phone": [{"PhoneNumber": "1"}, {"PhoneNumber": "1", "PhoneType": 1}]},
    {"Vip": {"a": 1}},
    {"Vip": [{}]},
    {"Address": {"Type": "5", "County": "x" * 33}},
    {"Address": [{"Type": 5}]},
    {"Address": {"Type": True, "City": "x" * 32}},
    {"LastCalledAgent_TimeStamp": "yesterday"},
    {"Phone": 5, "EmailAddress": {}},
]


@dataclass(frozen=True, slots=True)
class Draft:
    """A body to be: ``sound`` members, and more that may be wrong.

    ``strict``: also names that are not defined just now stay in it.
    """

    sound: Part
    more: Part = field(default_factory=dict)
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Beside the body of a write: a kind of If-Match, and whether all is to be answered."""

    kind: str = ""
    whole: bool = False


ASKS = st.builds(Ask, CONDITIONS, WHOLE)


def drafts(members: Strategy) -> st.SearchStrategy[Draft]:
    """Mostly bodies that are right, now and then with a fault."""
    return weighted(
        (12, st.builds(Draft, members)),
        (1, st.builds(Draft, members, st.sampled_from(FAULTS))),
        (1, st.builds(Draft, members, strict=ALWAYS)),
    )


def _both(core: Part, records: Part) -> Part:
    return {**core, **records}


CORE_DRAFTS = drafts(WITH_AGENT)
WHOLE_BODIES = st.builds(_both, WITH_AGENT, ANY_RECORDS)
WHOLE_DRAFTS = drafts(WHOLE_BODIES)
SOME_RECORDS = st.one_of(
    *[
        st.builds(_both, ANY_RECORDS, st.fixed_dictionaries({name: RECORDS[name]}))
        for name in RECORDS
    ]
)
RECORDS_DRAFTS = drafts(SOME_RECORDS)

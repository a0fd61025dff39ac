"""Patches of both kinds, and questions to identify by."""

from hypothesis import strategies as st

from tests.oracle.domain import (
    ADDRESS_RECORD,
    ANY_RECORDS,
    BIRTH,
    CITY,
    CORE,
    FEE,
    FIRST,
    LAST,
    MAIL,
    PHONE,
    PHONE_RECORD,
    PHONE_RECORDS,
    TITLE,
    Draft,
    Strategy,
    drafts,
    maybe,
    optional,
    weighted,
)

_CHANGES = optional(
    FirstName=maybe(FIRST),
    Title=st.none(),
    PhoneNumber=maybe(st.lists(PHONE, max_size=2)),
    Address=maybe(ADDRESS_RECORD),
    Phone=maybe(PHONE_RECORDS),
    Vip=maybe(st.just({})),
    Ticket=st.none(),
)
MERGE_PATCHES = weighted(
    (3, drafts(_CHANGES)), (1, st.builds(Draft, CORE)), (1, st.builds(Draft, ANY_RECORDS))
)
NO_OBJECTS: Strategy = st.sampled_from([[], 5, "x", [{"FirstName": "Ann"}]])


def _operation(op: str, path: str | Strategy, **members: Strategy) -> Strategy:
    place = st.just(path) if isinstance(path, str) else path
    named = {name.removesuffix("_"): each for name, each in members.items()}
    return st.fixed_dictionaries({"op": st.just(op), "path": place, **named})


_PLACES = st.sampled_from(
    ["/FirstName", "/Title", "/PhoneNumber/0", "/PhoneNumber/1", "/Phone/0", "/Address/City"]
)
_TARGETS = st.sampled_from(
    ["/FirstName", "/LastName", "/PhoneNumber/-", "/PhoneNumber/0", "/Phone/-", "/Phone/1"]
)
_NOT_POSSIBLE = st.sampled_from(
    [
        {"op": "remove", "path": "/Nonsense"},
        {"op": "add", "path": "/PhoneNumber/01", "value": "1"},
        {"op": "add", "path": "/PhoneNumber/9", "value": "1"},
        {"op": "replace", "path": "/PhoneNumber/-", "value": "1"},
        {"op": "add", "path": "/FirstName/x", "value": "1"},
        {"op": "move", "from": "/Address", "path": "/Address/City"},
    ]
)
_NO_OPERATIONS = st.sampled_from(
    [
        {"op": "jump", "path": "/FirstName"},
        {"op": "add", "path": "/FirstName"},
        {"op": "add", "path": "FirstName", "value": "Ann"},
        {"op": "copy", "path": "/FirstName"},
        5,
    ]
)
_WELL_FORMED = st.one_of(
    _operation("add", "/FirstName", value=FIRST),
    _operation("add", st.sampled_from(["/PhoneNumber/-", "/PhoneNumber/0"]), value=PHONE),
    _operation("add", "/PhoneNumber", value=st.lists(PHONE, max_size=2)),
    _operation("add", st.sampled_from(["/Phone/-", "/Phone/0"]), value=PHONE_RECORD),
    _operation("add", "/Phone", value=PHONE_RECORDS),
    _operation("add", "/Address", value=ADDRESS_RECORD),
    _operation("add", "/Vip", value=st.just({})),
    _operation("replace", "/Phone/0/PhoneType", value=st.sampled_from([1, 0, "1"])),
    _operation("replace", st.sampled_from(["/FirstName", "/Address/City"]), value=CITY),
    _operation("remove", st.one_of(_PLACES, st.sampled_from(["/Address", "/Vip", "/Phone"]))),
    _operation("test", "/FirstName", value=FIRST),
    _operation("test", "/Phone/0/PhoneNumber", value=PHONE),
    _operation("move", _TARGETS, from_=_PLACES),
    _operation("copy", _TARGETS, from_=_PLACES),
    _operation("add", "/customer_id", value=st.just("a")),
)
_SOME = st.lists(_WELL_FORMED, max_size=1)
JSON_PATCHES = weighted(
    (12, st.lists(_WELL_FORMED, min_size=1, max_size=2)),
    (1, st.builds(lambda before, last: [*before, last], _SOME, _NOT_POSSIBLE)),
    (1, st.builds(lambda before, last: [*before, last], _SOME, _NO_OPERATIONS)),
    (1, st.just({"FirstName": "Ann"})),
)


def _pair(name: str, value: Strategy) -> Strategy:
    return st.tuples(st.just(name), value)


_PAIRS = st.one_of(
    _pair("PhoneNumber", PHONE),
    _pair("PhoneNumber", PHONE),
    _pair("EmailAddress", MAIL),
    _pair("LastName", LAST),
    _pair("FirstName", FIRST),
    _pair("DOB", BIRTH),
    _pair("Phone.PhoneNumber", PHONE),
    _pair("Phone.PhoneType", st.sampled_from(["0", "1"])),
    _pair("Title", st.one_of(TITLE, st.just("dR"))),
    _pair("PreferredAgent_EmployeeID", st.sampled_from(["7", "8"])),
    _pair("LastCalledAgent_TimeStamp", st.just("2020-01-01T10:00:00Z")),
)
_RARE_PAIRS = st.one_of(
    _pair("Address.City", CITY),
    _pair("Score", st.sampled_from(["5", "6", "five"])),
    _pair("Ticket.Fee", FEE.map(str)),
    _pair("Ticket.Open", st.sampled_from(["true", "no"])),
    st.sampled_from([("Nope", "1"), ("DOB", "never"), ("phonenumber", "1"), ("Vip.x", "1")]),
)
_ANY_OF = st.one_of(
    st.lists(_pair("PhoneNumber", PHONE), min_size=2, max_size=3),
    st.lists(_pair("EmailAddress", MAIL), min_size=2, max_size=2),
    st.lists(_pair("LastName", LAST), min_size=2, max_size=2),
    st.lists(_pair("Phone.PhoneNumber", PHONE), min_size=2, max_size=2),
)
QUESTIONS = weighted(
    (4, st.lists(_PAIRS, min_size=1, max_size=1)),
    (4, _ANY_OF),
    (2, st.lists(_PAIRS, min_size=2, max_size=2)),
    (1, st.builds(lambda some, more: [*some, *more], _ANY_OF, st.lists(_PAIRS, max_size=2))),
    (2, st.lists(st.one_of(_PAIRS, _RARE_PAIRS), max_size=3)),
)
KEY_NAMES = st.sampled_from(
    [None] * 20
    + ["email", "phone", "PHONE", "name_birth", "ext_phone", "title", "agent", "fee", "score", "x"]
)
ASKED = st.sampled_from(
    [None, None, None, "*", "*", "*", "Phone", "Phone", "vip,Address", "Ticket", "Nope", "Phone,"]
)

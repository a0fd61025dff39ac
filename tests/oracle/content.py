"""What a body says of a profile: every value checked, every fault with its place."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.oracle.answers import Refused
from tests.oracle.definition import Definition, Part

Records = dict[str, Any]


def _string(raw: Any) -> str:
    if not isinstance(raw, str) or "\0" in raw:
        raise ValueError(raw)
    return raw


def _whole(bits: int) -> Callable[[Any], int]:
    def load(raw: Any) -> int:
        if type(raw) is not int or not -(2 ** (bits - 1)) <= raw < 2 ** (bits - 1):
            raise ValueError(raw)
        return raw

    return load


def _boolean(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise ValueError(raw)  # noqa: TRY004
    return raw


def _date(raw: Any) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", _string(raw), re.ASCII):
        raise ValueError(raw)
    date.fromisoformat(raw)
    return str(raw)


def _datetime(raw: Any) -> str:
    """In UTC with milliseconds; a time without offset is UTC."""
    if "T" not in _string(raw):
        raise ValueError(raw)
    moment = datetime.fromisoformat(raw)
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _currency(raw: Any) -> Any:
    """Kept as written, whether as a number or as a string."""
    if isinstance(raw, bool) or not re.fullmatch(r"-?\d+(\.\d+)?", str(raw), re.ASCII):
        raise ValueError(raw)
    return raw


TYPES: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "integer": _whole(32),
    "long": _whole(64),
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "currency": _currency,
}


def form(attribute: Part, value: Any) -> Any:
    """What a stored value is compared by: its worth, not its text."""
    return Decimal(str(value)) if attribute["type"] == "currency" else value


def form_of_text(attribute: Part, text: str) -> Any:
    """The form that a text in a query string means.

    :raises ValueError: it is no value of the attribute.
    """
    kind = attribute["type"]
    raw: Any = text
    if kind in {"integer", "long"}:
        raw = int(text)
    elif kind == "boolean":
        raw = {"true": True, "false": False}.get(text, text)
    return form(attribute, TYPES[kind](raw))


def load(
    definition: Definition, body: Any, customer_id: str | None = None
) -> tuple[str | None, dict[str, Any], Records | None]:
    """The id in the body, the core attributes, and the records by extension.

    The last is None where no extension is named; one without records is not in it.
    """
    faults: list[str] = []
    named = body.get("customer_id") if isinstance(body, dict) else None
    if named is not None and (not _is_id(named) or customer_id not in {None, named}):
        faults.append("/customer_id")
    given = _records_in(definition, body, faults) if isinstance(body, dict) else {}
    beside = {"customer_id", *definition.names}
    rest = body
    if isinstance(body, dict):
        rest = {name: value for name, value in body.items() if name not in beside}
    attributes = _members(definition.attributes, rest, "", faults)
    refuse(faults)
    held = {name: records for name, records in given.items() if records is not None}
    return named, attributes, held if given else None


def load_extensions(definition: Definition, body: Any) -> Records:
    """The records of the extensions in ``body``, which names nothing else."""
    if not isinstance(body, dict) or not body:
        refuse([""])
    faults = ["/" + name for name in body if name not in definition.names]
    given = _records_in(definition, body, faults)
    refuse(faults)
    return {name: records for name, records in given.items() if records is not None}


def load_records(extension: Part, raw: Any, here: str = "") -> Any | None:
    """All records of one extension, None for none."""
    faults: list[str] = []
    records = _records(extension, raw, here, faults)
    refuse(faults)
    return records


def load_partial(extension: Part, raw: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What selects a record, and what is set in it, None for a value that goes."""
    faults: list[str] = []
    bare = [{**each, "default": None, "mandatory": False} for each in extension["attributes"]]
    loaded = _members(bare, raw, "", faults)
    faults += ["/" + name for name in extension["unique"] if _lacks(raw, name)]
    refuse(faults)
    unique = {name: loaded.pop(name) for name in extension["unique"]}
    gone = {name: None for name, value in raw.items() if value is None}
    return unique, loaded | gone


def load_unique(extension: Part, raw: Any) -> dict[str, Any]:
    """What selects a record; what else is in ``raw`` is tolerated."""
    if isinstance(raw, dict):
        raw = {name: value for name, value in raw.items() if name in extension["unique"]}
    return load_partial(extension, raw)[0]


def refuse(faults: list[str]) -> None:
    if faults:
        raise Refused(400, "invalid_profile", faults)


def identity(extension: Part, record: dict[str, Any]) -> tuple[Any, ...]:
    """What tells a record apart from others; a value that it lacks counts as equal."""
    values = (record.get(name) for name in extension.get("unique", []))
    return tuple((type(value), value) for value in values)


def _records_in(definition: Definition, body: dict[str, Any], faults: list[str]) -> Records:
    return {
        each["name"]: _records(each, body[each["name"]], "/" + each["name"], faults)
        for each in definition.extensions
        if each["name"] in body
    }


def _records(extension: Part, raw: Any, here: str, faults: list[str]) -> Any | None:
    if raw is None or raw == [] or (raw == {} and extension["type"] != "classifier"):
        return None
    attributes = extension.get("attributes", [])
    if extension["type"] != "multi-valued":
        record = _members(attributes, raw, here, faults)
        return record if record or extension["type"] == "classifier" else None
    rows = [raw] if isinstance(raw, dict) else raw
    if not isinstance(rows, list):
        faults.append(here)
        return None
    places = [f"{here}/{index}" for index in range(len(rows))]
    records = []
    seen: set[tuple[Any, ...]] = set()
    for place, row in zip(places, rows, strict=True):
        own: list[str] = []
        record = _members(attributes, row, place, own)
        told = identity(extension, record)
        if not own and extension.get("unique") and told in seen:
            own.append(place)
        seen |= set() if own else {told}
        faults += own
        records.append(record)
    return records


def _members(attributes: list[Part], raw: Any, here: str, faults: list[str]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        faults.append(here)
        return {}
    known = {each["name"]: each for each in attributes}
    faults += [f"{here}/{name}" for name in raw if name not in known]
    loaded = {}
    for name, attribute in known.items():
        value = attribute.get("default") if raw.get(name) is None else raw[name]
        if value is None and attribute.get("mandatory"):
            faults.append(f"{here}/{name}")
        elif value is not None:
            loaded[name] = _value(attribute, value, f"{here}/{name}", faults)
    return loaded


def _value(attribute: Part, raw: Any, here: str, faults: list[str]) -> Any:
    if attribute.get("multi_valued") and isinstance(raw, list):
        places = enumerate(raw)
        return [_single(attribute, each, f"{here}/{index}", faults) for index, each in places]
    return _single(attribute, raw, here, faults)


def _single(attribute: Part, raw: Any, here: str, faults: list[str]) -> Any:
    try:
        value = TYPES[attribute["type"]](raw)
    except ValueError:
        faults.append(here)
        return None
    if "length" in attribute and len(value) > attribute["length"]:
        faults.append(here)
    return value


def _lacks(raw: Any, name: str) -> bool:
    return isinstance(raw, dict) and raw.get(name) is None


def _is_id(raw: Any) -> bool:
    return isinstance(raw, str) and bool(re.fullmatch(r"[A-Za-z0-9._~-]{1,16}", raw, re.ASCII))

"""The one write statement of a profile: all of a change, on the condition of what is stored."""

from collections.abc import Iterator
from typing import Any

import orjson

from app.dao.cassandra.identity import NOTHING, Plan, core_fingerprint, fingerprint
from app.dao.values import (
    CORE,
    RECEIPT_SECONDS,
    Change,
    Once,
    Operation,
    ProfileKey,
    Receipt,
    Version,
    state_text,
)

MAX_VERSION_DIGITS = 19

PARTITION = "WHERE tenant = :tenant AND customer_id = :customer_id"
_CORE_ROW = f"{PARTITION} AND part = 'core' AND name = ''"

# All are null on a missing row, so a create and an update share the statement.
UPDATE_TAG = (
    f"UPDATE profile SET etag = :etag {_CORE_ROW}"
    " IF etag = :expected_etag AND version = :expected_version AND ident_id = :expected_ident_id"
)
UPDATE_TAG_BLIND = (
    f"UPDATE profile SET etag = :etag {_CORE_ROW}"
    " IF etag = :expected_etag AND version = :expected_version AND core_fp = :core_fp"
    " AND state = 'live'"
)
INSERT_EXTENSION = (
    "INSERT INTO profile (tenant, customer_id, part, name, doc)"
    " VALUES (:tenant, :customer_id, 'ext', :name, :records)"
)
DELETE_EXTENSION = f"DELETE FROM profile {PARTITION} AND part = 'ext' AND name = :name"
INSERT_PAST = (
    "INSERT INTO profile (tenant, customer_id, part, name,"
    " doc, etag, version, operation, modified_at, note) VALUES (:tenant, :customer_id,"
    " 'past', :name, :document, :etag, :version, :operation, :made_at, :note) USING TTL :ttl"
)
INSERT_RECEIPT = (
    "INSERT INTO profile (tenant, customer_id, part, name, doc, etag, version)"
    " VALUES (:tenant, :customer_id, 'op', :name, :document, :etag, :version) USING TTL :ttl"
)
_CORE_COLUMNS = ("doc", "etag", "version", "state", "modified_at")


def statements(change: Change, plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    """The statements with their values, bound by name.

    A row is deleted or inserted, never both: a delete would win over an insert of its row.
    """
    common = partition(change.key) | _core(change) | _entries(change, plan)
    yield UPDATE_TAG_BLIND if change.is_blind else UPDATE_TAG, common
    yield _insert_core(change, plan), common
    for name, records in change.records.items():
        yield INSERT_EXTENSION, common | {"name": name, "records": records}
    for name in change.removed:
        yield DELETE_EXTENSION, common | {"name": name}
    if change.keep_past_for and not change.keeps_version:
        past = {"document": change.past_document, "ttl": change.keep_past_for}
        yield INSERT_PAST, common | past | {"name": past_name(change.version.number)}
    if change.once:
        receipt = {"name": change.once.name, "document": _receipt_text(change, change.once)}
        yield INSERT_RECEIPT, common | receipt | {"ttl": RECEIPT_SECONDS}


def partition(key: ProfileKey) -> dict[str, Any]:
    """The values of a profile's partition key."""
    return {"tenant": key.tenant, "customer_id": key.customer_id}


def read_receipt(document: bytes, version: Version) -> Receipt:
    """What the row of a receipt says."""
    told = orjson.loads(document)
    return Receipt(told["request"], Operation(told["operation"]), version)


def past_name(number: int) -> str:
    """The name of a version's past row: they sort newest first."""
    return f"{10**MAX_VERSION_DIGITS - number:0{MAX_VERSION_DIGITS}d}"


def _receipt_text(change: Change, once: Once) -> bytes:
    return orjson.dumps({"request": once.request, "operation": change.operation})


def _core(change: Change) -> dict[str, Any]:
    expected: Version | None = change.expected
    return {
        "doc": change.attributes,
        "etag": change.version.write_id,
        "version": change.version.number,
        "expected_etag": expected and expected.write_id,
        "expected_version": expected and expected.number,
        "expected_ident_id": (change.basis or NOTHING).ident_id,
        "state": state_text(change.state, change.link),
        "operation": change.operation,
        "modified_at": change.made_at,
        "made_at": change.made_at,
        "note": change.note,
        "extensions": change.extension_names,
        "merges": change.merges,
    }


def _entries(change: Change, plan: Plan) -> dict[str, Any]:
    """What is told of the entries anew, or what a change that has not read them relies on."""
    if change.is_blind:
        return {"core_fp": fingerprint(change.entries.get(CORE, ()))}
    if plan.ident_id is None:
        return {}
    told = {"idents": plan.document(), "core_fp": core_fingerprint(plan.entries)}
    return {"ident_id": plan.ident_id, **told}


def _insert_core(change: Change, plan: Plan) -> str:
    """The core row with all columns that the change knows.

    The insert beside the update writes the row's liveness: without it, a read opens every
    SSTable that has ever held the row.
    """
    columns = list(_CORE_COLUMNS)
    if change.extension_names is not None:
        columns.append("extensions")
    if change.merges is not None:
        columns.append("merges")
    if plan.ident_id is not None:
        columns += ["idents", "ident_id", "core_fp"]
    names = ", ".join(columns)
    values = ", ".join(f":{column}" for column in columns)
    return (
        f"INSERT INTO profile (tenant, customer_id, part, name, {names})"
        f" VALUES (:tenant, :customer_id, 'core', '', {values})"
    )

"""Receipts on SQLite: written in the transaction of the change that they are about."""

import time
from uuid import UUID

import apsw

from app.dao.values import (
    RECEIPT_SECONDS,
    Change,
    Once,
    Operation,
    ProfileKey,
    Receipt,
    Version,
)

SELECT_RECEIPT = """
    SELECT request, operation, version, write_id FROM receipt
    WHERE tenant = ? AND customer_id = ? AND name = ? AND expires_at > ?
"""
REPLACE_RECEIPT = "REPLACE INTO receipt VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
# Of any profile, a few with each write: more than a write adds, so they do not pile up.
DELETE_EXPIRED_RECEIPTS = """
    DELETE FROM receipt WHERE (tenant, customer_id, name) IN
    (SELECT tenant, customer_id, name FROM receipt WHERE expires_at <= ?
     ORDER BY expires_at LIMIT 10)
"""


def receipt_row(key: ProfileKey, once: Once) -> tuple[int, str, str]:
    """The key of a receipt's row."""
    return key.tenant, key.customer_id, once.name


def read_receipt(request: str, operation: str, number: int, write_id: bytes) -> Receipt:
    """What the row of a receipt says."""
    return Receipt(request, Operation(operation), Version(number, UUID(bytes=write_id)))


def write_receipt(connection: apsw.Connection, change: Change, once: Once) -> None:
    """Leave a receipt, and remove some that have expired."""
    now = int(time.time())
    connection.execute(DELETE_EXPIRED_RECEIPTS, (now,))
    done = (once.request, change.operation, change.version.number, change.version.write_id.bytes)
    row = receipt_row(change.key, once)
    connection.execute(REPLACE_RECEIPT, (*row, *done, now + RECEIPT_SECONDS))

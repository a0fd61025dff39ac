"""The rows of a profile's partition as they are read, and the profile that they make."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from app.dao.cassandra.identity import read_basis
from app.dao.cassandra.statements import PARTITION, read_receipt
from app.dao.values import Once, StoredProfile, Version, state_of

CORE_ROW = ("core", "")

_COLUMNS = "part, name, doc, etag, version, state, modified_at"

_CORE = f"{PARTITION} AND part = 'core' AND name = ''"
_ROWS = f"{PARTITION} AND (part, name) IN :rows"
# Without what an update by entity tag does not write: a column that is only in an old
# SSTable would make every query open that one too.
_SELECT = f"SELECT {_COLUMNS} FROM profile "
_SELECT_FOR_CHANGE = f"SELECT {_COLUMNS}, extensions, merges, ident_id, idents FROM profile "


def selection(
    extensions: Iterable[str], once: Once | None = None, *, for_change: bool = False
) -> tuple[str, dict[str, Any]]:
    """The select of the core row, and of those of ``extensions`` and of the receipt of ``once``;
    and the values that it takes beside those of the partition."""
    select = _SELECT_FOR_CHANGE if for_change else _SELECT
    receipt = [("op", once.name)] if once else []
    more = [*(("ext", name) for name in extensions), *receipt]
    return (select + _ROWS, {"rows": [CORE_ROW, *more]}) if more else (select + _CORE, {})


def profile_in(
    rows: list[Any], extensions: Iterable[str], *, for_change: bool = False
) -> StoredProfile | None:
    """What ``rows``, chosen by `selection`, hold; None without a core row."""
    core = next((row for row in rows if row[0] == "core"), None)
    if core is None:
        return None
    _, _, attributes, write_id, number, told, modified_at, *more = core
    held, merges, *idents = more or (None, None)
    records = {name: text for part, name, text, *_ in rows if part == "ext"}
    receipts = [
        read_receipt(text, Version(made, tag))
        for part, _, text, tag, made, *_ in rows
        if part == "op"
    ]
    state, link = state_of(told)
    return StoredProfile(
        version=Version(number, write_id),
        state=state,
        attributes=attributes,
        modified_at=modified_at.replace(tzinfo=UTC),
        extensions={name: records[name] for name in extensions if name in records},
        extension_names=frozenset(held or ()) if for_change else None,
        link=link,
        merges=frozenset(merges or ()),
        basis=read_basis(*idents) if for_change else None,
        receipt=receipts[0] if receipts else None,
    )
